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
 *          somebody came for the lock: kill -9 <pid>
 *          the lock is free
 *
 * Read:    semop(2), semctl(2), fork(2), kill(2), wait(2)
 */
#define _GNU_SOURCE // semtimedop
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/ending.h"
#include "../common/program.h"
#include "sem_own.h"
#include "sem_within.h"

enum { OWNER = SEM_OWNER, LOCK, TAKEN, SEMAPHORES };

static int set = -1;

static void remove_set(void)
{
    semctl(set, 0, IPC_RMID);
}

static void remove_set_and_end(int number)
{
    remove_set();
    end_by(number);
}

static void operate(struct sembuf *ops, size_t count, time_t seconds,
                    const char *what)
{
    if (sem_within(set, ops, count, seconds) == -1)
        err(1, "waiting for %s, %ld s at most", what, (long)seconds);
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

    key_t key = ftok(argv[optind], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[optind]);
    before_ending(remove_set_and_end);
    set = sem_own(key, SEMAPHORES);
    if (set == -1)
        err(1, "%s: is it in use?", argv[optind]);
    atexit(remove_set);

    struct sembuf free_lock = {LOCK, +1, 0};
    struct sembuf take_and_tell[] = {
        {LOCK, -1, (short)(no_undo ? 0 : SEM_UNDO)},
        {TAKEN, +1, 0},
    };
    struct sembuf hear = {TAKEN, -1, 0};
    struct sembuf take = {LOCK, -1, SEM_UNDO};
    operate(&free_lock, 1, 1, "nothing");

    pid_t parent = getpid(), holder = fork();
    if (holder == -1)
        err(1, "fork");
    if (holder == 0) {
        end_with(parent, SIGTERM);
        operate(take_and_tell, 2, 1, "the lock");
        for (;;)
            pause();
    }
    operate(&hear, 1, 10, "the holder to take the lock");
    printf("ready: process %d holds the lock\n", holder);

    // Until somebody waits for it; or, if the holder was killed by other hands,
    // until somebody has taken it.
    const struct timespec moment = {.tv_nsec = 10000000};
    int moments = 60 * 100;
    while (semctl(set, LOCK, GETNCNT) == 0 &&
           semctl(set, LOCK, GETPID) == holder) {
        if (moments-- == 0)
            errx(1, "nobody came for the lock within 60 s");
        nanosleep(&moment, NULL);
    }
    printf("somebody came for the lock: kill -9 %d\n", holder);
    kill(holder, SIGKILL);
    if (waitpid(holder, NULL, 0) == -1)
        err(1, "waitpid");

    // In the queue for the lock, we are behind the one who was already there.
    operate(&take, 1, 2, "the lock to come back");
    printf("the lock is free\n");
    return 0;
}
