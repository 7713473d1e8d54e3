/*
 * sem/watch/waiters.c -- the processes that wait for a set, and what for.
 *
 * semctl(2) only tells how many wait. But /proc/PID/syscall shows the system
 * call that a process sleeps in: semop, the set, the address of the operations
 * and how many they are. /proc/PID/mem has what is there.
 */
#define _FILE_OFFSET_BITS 64 // offsets in /proc/PID/mem are addresses
#include "waiters.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPS_MAX 500 // operations in one semop: see ipcs -ls

// A system call and which of its arguments are the set, the address of the
// operations and their number. Of semop there are up to four forms: musl and
// glibc take what the machine has. ipc(2) is one call for all of System V IPC;
// its first argument says which.
static const struct {
    long number;
    int first; // what its first argument must be; -1: anything
    int set, address, count;
} calls[] = {
#ifdef SYS_semop
    {SYS_semop, -1, 0, 1, 2},
#endif
#ifdef SYS_semtimedop
    {SYS_semtimedop, -1, 0, 1, 2},
#endif
#ifdef SYS_semtimedop_time64
    {SYS_semtimedop_time64, -1, 0, 1, 2},
#endif
#ifdef SYS_ipc
    {SYS_ipc, 1, 1, 4, 2}, // SEMOP
    {SYS_ipc, 4, 1, 4, 2}, // SEMTIMEDOP
#endif
};

// Read the system call that the process sleeps in. True if it is a semop on
// this set; then *address is where its operations are, and *count their number.
static bool read_call(pid_t pid, int set, unsigned long *address,
                      unsigned long *count)
{
    char path[64], line[256] = "", *end;

    // 220 0x8 0x7ffd5a1c 0x2 ...: its number and its six arguments; or running.
    snprintf(path, sizeof path, "/proc/%d/syscall", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    if (!fgets(line, sizeof line, file))
        line[0] = '\0';
    fclose(file);
    long number = strtol(line, &end, 10);
    unsigned long argument[6];
    for (int i = 0; i < 6; i++)
        argument[i] = strtoul(end, &end, 16);

    for (size_t i = 0; end != line && i < sizeof calls / sizeof *calls; i++)
        if (calls[i].number == number &&
            (calls[i].first == -1 ||
             calls[i].first == (int)(argument[0] & 0xffff)) &&
            argument[calls[i].set] == (unsigned long)set) {
            *address = argument[calls[i].address];
            *count = argument[calls[i].count];
            return true;
        }
    return false;
}

// The operations that the process sleeps in. Returns their number; 0 if it does
// not sleep in a semop on this set, or if it may not be looked at: ptrace(2).
static size_t read_operations(pid_t pid, int set, struct sembuf ops[OPS_MAX])
{
    char path[64];
    unsigned long address, count;

    if (!read_call(pid, set, &address, &count) || count > OPS_MAX)
        return 0;
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    if (memory == -1)
        return 0;
    ssize_t n = pread(memory, ops, count * sizeof *ops, (off_t)address);
    close(memory);
    return n == (ssize_t)(count * sizeof *ops) ? count : 0;
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
