/*
 * sem/undo_waiter.c -- a process that waits for the lock of another.
 *
 * Shows:   The kernel gives back what a killed process had taken, and wakes
 *          those that wait for it. Without SEM_UNDO the lock stays taken.
 *
 * Run:     start sem/undo_holder.c first; its header has both commands
 *
 * Prints:  process <pid> holds the lock: waiting
 *          the lock is ours
 *
 * Read:    ftok(3), semget(2), semop(2), semctl(2), kill(2)
 */
#define _GNU_SOURCE // semtimedop
#include <signal.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#include "../common/program.h"
#include "semop_within.h"

#define LIMIT_S 1 // seconds that it waits

enum { OWNER, LOCK, TAKEN, SEMAPHORES }; // as in undo_holder.c

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc != 2)
        return usage(argc, argv, "undo_waiter KEYFILE");

    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    int set = semget(key, SEMAPHORES, 0);
    if (set == -1)
        err(1, "semget %s: is the holder running?", argv[1]);

    int holder = semctl(set, LOCK, GETPID); // which operated on it last
    int value = semctl(set, LOCK, GETVAL);
    if (holder == -1 || value == -1)
        err(1, "semctl");
    if (value == 0)
        printf("process %d holds the lock: waiting\n", holder);

    struct sembuf take = {LOCK, -1, SEM_UNDO};
    if (!semop_within(LIMIT_S, set, &take, 1)) {
        if (errno != EAGAIN)
            err(1, "semtimedop");
        bool exists = kill(holder, 0) == 0 || errno != ESRCH;
        errx(1, "waited %d s for the lock; process %d, which took it, %s",
             LIMIT_S, holder, exists ? "still has it" : "no longer exists");
    }
    printf("the lock is ours\n");

    struct sembuf give_back = {LOCK, +1, SEM_UNDO};
    if (semop(set, &give_back, 1) == -1)
        err(1, "semop");
    return 0;
}
