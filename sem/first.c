/*
 * sem/first.c -- who creates a set has not yet initialised it.
 *
 * Shows:   semget creates, a later call initialises. In the gap between them,
 *          here as long as it takes, a second process finds a set that looks
 *          ready. IPC_EXCL says who is first, sem_otime when it is done.
 *
 * Run:     $ build/sem/first README.md
 *
 * Prints:  first: created the set
 *          second: found the set; sem_otime is 0, so waits
 *          first: initialises the set
 *          second: found the set initialised
 *          second: has taken the lock
 *
 * Read:    semget(2), semop(2), semctl(2)
 */
#define _GNU_SOURCE // semtimedop, pipe2
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <time.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/ending.h"
#include "../common/program.h"
#include "../common/semun.h"
#include "sem_own.h"
#include "sem_within.h"

#define PATIENCE 1 // seconds that the second process waits

// The first one is always 0 here, so that a killed run's set is known for one.
enum { OWNER = SEM_OWNER, LOCK, SEMAPHORES };

static int naive, die; // flags

static key_t key;
static const char *who = "second"; // of the two processes
static bool held_up;               // whether it will be, in the gap
static int made[2], looked[2];     // pipes: from the first process, and back

static void remove_set(void)
{
    int set = semget(key, 0, 0);

    if (set != -1)
        semctl(set, 0, IPC_RMID);
}

static void remove_set_and_end(int number)
{
    remove_set();
    end_by(number);
}

// The first process comes no further until the second has looked at the set.
static void gap(void)
{
    char nothing;

    if (!held_up)
        return;
    held_up = false;
    close(made[1]); // end of file says enough
    if (read(looked[0], &nothing, 1) == -1)
        err(1, "read");
    if (die)
        raise(SIGKILL);
}

static void end_gap(void)
{
    if (looked[1] != -1)
        close(looked[1]);
    looked[1] = -1;
}

// Of all calls only semop sets sem_otime; semget and SETVAL do not.
static bool is_initialised(int set)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    struct semid_ds about = {0};

    for (int ms = 0; ms < PATIENCE * 1000; ms++) {
        if (semctl(set, 0, IPC_STAT, (union semun){.buf = &about}) == -1)
            return false; // it is gone
        if (about.sem_otime != 0)
            return true;
        if (ms == 0)
            printf("%s: found the set; sem_otime is 0, so waits\n", who);
        end_gap();
        nanosleep(&moment, NULL);
    }
    return false;
}

static int create_or_wait(void)
{
    struct sembuf initialise = {LOCK, +1, 0};

    for (;;) {
        int set = semget(key, SEMAPHORES, IPC_CREAT | IPC_EXCL | 0600);
        if (set != -1) {
            printf("%s: created the set\n", who);
            gap();
            printf("%s: initialises the set\n", who);
            if (semop(set, &initialise, 1) == 0)
                return set;
            if (errno != EINVAL && errno != EIDRM)
                err(1, "semop");
            continue; // somebody thought us dead and has removed it
        }
        if (errno != EEXIST)
            err(1, "semget");

        set = semget(key, SEMAPHORES, 0);
        if (set == -1 && errno != ENOENT)
            err(1, "semget");
        if (naive || is_initialised(set)) {
            printf("%s: found the set%s\n", who, naive ? "" : " initialised");
            return set;
        }
        // Its creator may be dead, or only slow. To initialise it here as well
        // would be wrong; the creator of a removed one starts again.
        printf("%s: removes what nobody initialises\n", who);
        semctl(set, 0, IPC_RMID);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option flags[] = {
        {"naive", no_argument, &naive, 1},
        {"die", no_argument, &die, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "first [--naive] [--die] KEYFILE");

    // Two runs at once would be each other's second process.
    int file = open(argv[optind], O_RDONLY | O_CLOEXEC);
    if (file == -1)
        err(1, "%s", argv[optind]);
    if (flock(file, LOCK_EX | LOCK_NB) == -1)
        err(1, "%s: is it in use?", argv[optind]);
    key = ftok(argv[optind], IPC_PROJECT);
    int left = sem_own(key, SEMAPHORES); // instead of what a killed run left
    if (key == -1 || left == -1 || semctl(left, 0, IPC_RMID) == -1)
        err(1, "%s: is it in use?", argv[optind]);
    atexit(remove_set);
    before_ending(remove_set_and_end);
    if (pipe2(made, O_CLOEXEC) == -1 || pipe2(looked, O_CLOEXEC) == -1)
        err(1, "pipe2");

    pid_t parent = getpid(), child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        end_with(parent, SIGTERM);
        who = "first";
        held_up = true;
        close(looked[1]);
        create_or_wait();
        _exit(0);
    }
    close(made[1]);
    char nothing;
    if (read(made[0], &nothing, 1) == -1)
        err(1, "read");

    int set = create_or_wait();
    struct sembuf take = {LOCK, -1, SEM_UNDO};
    int taken = sem_within(set, &take, 1, PATIENCE);
    if (taken == 0)
        printf("second: has taken the lock\n");
    else
        warn("second: waited %d s for a lock that nobody holds", PATIENCE);
    end_gap();
    bool well = child_succeeded(child, "first process") || die;
    return well && taken == 0 ? 0 : 1;
}
