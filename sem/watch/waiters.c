/*
 * sem/watch/waiters.c -- the processes that wait for a set, and what for.
 *
 * semctl(2) only tells how many wait. But /proc/PID/syscall shows the system
 * call that a process sleeps in: semop, the set, the address of the operations
 * and how many they are: common/sysv_call.h. /proc/PID/mem has what is there.
 */
#define _FILE_OFFSET_BITS 64 // offsets in /proc/PID/mem are addresses
#include "waiters.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <unistd.h>

#include "../../common/sysv_call.h"

#define OPS_MAX 500 // operations in one semop: see ipcs -ls

// Read the system call that the process sleeps in. True if that is a semop on
// this set.
static bool read_call(pid_t pid, int set, struct sysv_call *call)
{
    char path[64], line[256] = "";

    snprintf(path, sizeof path, "/proc/%d/syscall", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool known = fgets(line, sizeof line, file) && sysv_call_read(call, line);
    fclose(file);
    return known && call->id == set &&
           (call->operation == SYSV_SEMOP ||
            call->operation == SYSV_SEMTIMEDOP);
}

// The operations that the process sleeps in. Returns their number; 0 if it does
// not sleep in a semop on this set, or if it may not be looked at: ptrace(2).
static size_t read_operations(pid_t pid, int set, struct sembuf ops[OPS_MAX])
{
    char path[64];
    struct sysv_call call;

    if (!read_call(pid, set, &call) || call.size > OPS_MAX)
        return 0;
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    if (memory == -1)
        return 0;
    ssize_t n =
        pread(memory, ops, call.size * sizeof *ops, (off_t)call.address);
    close(memory);
    return n == (ssize_t)(call.size * sizeof *ops) ? call.size : 0;
}

// Set *w to what these operations wait for: the first that the values, and the
// operations before it, do not allow. So does the kernel count.
static bool find_obstacle(struct waiter *w, const struct sembuf ops[],
                          size_t count, const unsigned short values[],
                          size_t semaphores)
{
    for (size_t i = 0; i < count; i++) {
        if (ops[i].sem_num >= semaphores)
            return false;
        int value = values[ops[i].sem_num];
        for (size_t k = 0; k < i; k++)
            if (ops[k].sem_num == ops[i].sem_num)
                value += ops[k].sem_op;
        w->semaphore = ops[i].sem_num;
        w->for_zero = ops[i].sem_op == 0;
        if (w->for_zero ? value != 0 : value + ops[i].sem_op < 0)
            return true;
    }
    return false;
}

size_t find_waiters(struct waiter waiters[], size_t max, int set,
                    const unsigned short values[], size_t semaphores)
{
    glob_t processes;
    size_t found = 0;

    if (glob("/proc/[0-9]*", GLOB_NOSORT, NULL, &processes) != 0)
        return 0;
    for (size_t i = 0; i < processes.gl_pathc && found < max; i++) {
        struct sembuf ops[OPS_MAX];
        const char *number = processes.gl_pathv[i] + strlen("/proc/");
        struct waiter w = {.pid = (pid_t)strtol(number, NULL, 10)};

        size_t count = read_operations(w.pid, set, ops);
        if (find_obstacle(&w, ops, count, values, semaphores))
            waiters[found++] = w;
    }
    globfree(&processes);
    return found;
}
