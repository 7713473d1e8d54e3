/*
 * shm/readonly.c -- a segment that is attached for reading only.
 *
 * Shows:   SHM_RDONLY asks for memory that this process can only read: a store
 *          there is SIGSEGV, though the segment's mode would allow it. The same
 *          segment can be attached to write as well, at another address.
 *
 * Run:     $ build/shm/readonly
 *
 * Prints:  stored at the first address: 42
 *          read at the second, attached with SHM_RDONLY: 42
 *          a child stores there: SIGSEGV
 *
 * Read:    shmget(2), shmat(2), shmctl(2), fork(2), waitpid(2)
 */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/wait.h>

#include "../common/program.h"
#include "segment.h"

// A child tries it. True if that ended it by SIGSEGV.
static bool store_faults(volatile int *memory)
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
        return usage(argc, argv, "readonly");

    block_termination(); // until the id is stored
    int segment = shmget(IPC_PRIVATE, sizeof(int), 0600);
    if (segment == -1)
        errx(1, "shmget: %s", ipc_strerror(errno));
    segment_remove_at_end(segment);

    int *first = shmat(segment, NULL, 0);
    int *second = shmat(segment, NULL, SHM_RDONLY);
    if ((intptr_t)first == -1 || (intptr_t)second == -1)
        err(1, "shmat");
    if (shmctl(segment, IPC_RMID, NULL) == -1) // it stays while it is attached
        err(1, "shmctl");

    *first = 42;
    printf("stored at the first address: %d\n", *first);
    printf("read at the second, attached with SHM_RDONLY: %d\n", *second);
    bool faults = store_faults(second);
    printf("a child stores there: %s\n", faults ? "SIGSEGV" : "allowed");
    return faults ? 0 : 1;
}
