/*
 * shm/control.c -- what else shmctl can do: who may write, and no swapping.
 *
 * Shows:   SHM_RDONLY attaches for reading: a store is SIGSEGV. That is for
 *          one's own mistakes. IPC_SET changes owner and mode: what the mode
 *          does not allow, shmat refuses. SHM_LOCK keeps the segment in memory,
 *          up to RLIMIT_MEMLOCK bytes, see getrlimit(2).
 *
 * Run:     $ build/shm/control
 *
 * Prints:  IPC_STAT  mode 0600, 4096 bytes
 *          a child stores to memory attached with SHM_RDONLY: SIGSEGV
 *          IPC_SET   mode 0400, 4096 bytes
 *          shmat to write: <refused>
 *          SHM_LOCK  mode 02400, 4096 bytes
 *
 * Read:    shmget(2), shmctl(2), shmat(2), shmdt(2), fork(2), waitpid(2)
 */
#define _GNU_SOURCE // SHM_LOCK
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/wait.h>

#include "../common/program.h"
#include "segment.h"

#define SIZE 4096

static int segment = -1;

static struct shmid_ds print_state(const char *event)
{
    struct shmid_ds about;

    if (shmctl(segment, IPC_STAT, &about) == -1)
        err(1, "IPC_STAT");
    printf("%-8s  mode %#o, %zu bytes\n", event, (unsigned)about.shm_perm.mode,
           about.shm_segsz);
    return about;
}

// A child tries it. True if that ended it by SIGSEGV.
static bool store_faults(volatile char *memory)
{
    int status;
    pid_t child = fork();

    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0}); // leave no core file
        signal(SIGSEGV, SIG_DFL);                    // a sanitizer changes it
        *memory = 1;
        _exit(0);
    }
    if (waitpid(child, &status, 0) == -1)
        err(1, "waitpid");
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 1 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "control");

    block_termination(); // until the id is stored
    segment = shmget(IPC_PRIVATE, SIZE, 0600);
    if (segment == -1)
        errx(1, "shmget: %s", ipc_strerror(errno));
    segment_remove_at_end(segment);
    struct shmid_ds about = print_state("IPC_STAT");

    void *memory = shmat(segment, NULL, SHM_RDONLY);
    if ((intptr_t)memory == -1)
        err(1, "shmat");
    printf("a child stores to memory attached with SHM_RDONLY: %s\n",
           store_faults(memory) ? "SIGSEGV" : "allowed");
    if (shmdt(memory) == -1)
        err(1, "shmdt");

    about.shm_perm.mode = 0400; // uid and gid could be changed as well
    if (shmctl(segment, IPC_SET, &about) == -1)
        err(1, "IPC_SET");
    print_state("IPC_SET");
    memory = shmat(segment, NULL, 0);
    if ((intptr_t)memory == -1 && errno != EACCES)
        err(1, "shmat");
    printf("shmat to write: %s\n", (intptr_t)memory == -1
                                       ? strerror(errno)
                                       : "allowed, with CAP_IPC_OWNER");

    if (shmctl(segment, SHM_LOCK, NULL) == -1)
        err(1, "SHM_LOCK");
    print_state("SHM_LOCK");
    return 0;
}
