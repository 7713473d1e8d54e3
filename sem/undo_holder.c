/*
 * sem/undo_holder.c -- a process that is killed while it holds a lock.
 *
 * Shows:   With SEM_UNDO the kernel keeps account of what a process has taken,
 *          and gives it back when the process ends: even by SIGKILL, about
 *          which the process itself can do nothing.
 *
 * Run:     terminal 1 $ build/sem/undo_holder README.md
 *          terminal 2 $ build/sem/undo_waiter README.md
 *
 * Prints:  ready: process <pid> holds the lock
 *          a process waits for the lock: kill -9 <pid>
 *          the lock is free
 *
 * Read:    semop(2), semctl(2), fork(2), kill(2), wait(2)
 */
#define _GNU_SOURCE // semtimedop
#include <stdio.h>
#include <time.h>

#include "../common/child.h"
#include "leftover.h"
#include "semop_within.h"

#define LIMIT_S 60 // seconds until a process comes for the lock

enum { OWNER = SEM_OWNER, LOCK, TAKEN, SEMAPHORES };

static int set = -1;

static void wait_for(struct sembuf op, int seconds, const char *what)
{
    if (!semop_within(seconds, set, &op, 1))
        err(1, "waiting for %s, %d s at most", what, seconds);
}

// The child: take the lock, tell the parent in the same step, and keep it.
static void hold_lock(short undo)
{
    struct sembuf take_and_tell[] = {{LOCK, -1, undo}, {TAKEN, +1, 0}};

    if (semop(set, take_and_tell, 2) == -1)
        err(1, "semop");
    for (;;)
        pause();
}

int main(int argc, char *argv[])
{
    program_start();
    int no_undo = 0;
    const struct option flags[] = {
        {"no-undo", no_argument, &no_undo, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "undo_holder [--no-undo] KEYFILE");

    set = new_set(argv[optind], SEMAPHORES);
    struct sembuf initialise = {LOCK, +1, 0};
    if (semop(set, &initialise, 1) == -1)
        err(1, "semop");

    pid_t parent = getpid(), holder = fork();
    if (holder == -1)
        err(1, "fork");
    if (holder == 0) {
        set_pdeathsig(parent, SIGTERM);
        hold_lock(no_undo ? 0 : SEM_UNDO);
    }
    wait_for((struct sembuf){TAKEN, -1, 0}, 10, "the holder to take the lock");
    program_ready("ready: process %d holds the lock\n", holder);

    // Until a process waits for the lock, or has taken it because the holder
    // was killed from outside.
    const struct timespec delay = {.tv_nsec = 10000000}; // 10 ms
    int waiting, last, delays = 0;
    do {
        waiting = semctl(set, LOCK, GETNCNT);
        last = semctl(set, LOCK, GETPID);
        if (waiting == -1 || last == -1)
            err(1, "semctl");
        if (delays++ == LIMIT_S * 100)
            errx(1, "no process came for the lock within %d s", LIMIT_S);
        nanosleep(&delay, NULL);
    } while (waiting == 0 && last == holder);
    printf("a process waits for the lock: kill -9 %d\n", holder);
    kill(holder, SIGKILL);
    if (waitpid(holder, NULL, 0) == -1)
        err(1, "waitpid");

    // Gets the lock after the process that waits for it, which came first.
    wait_for((struct sembuf){LOCK, -1, SEM_UNDO}, 2, "the lock to come back");
    printf("the lock is free\n");
    if (semctl(set, 0, IPC_RMID) == -1)
        err(1, "semctl");
    return 0;
}
