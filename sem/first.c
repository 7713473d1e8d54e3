/*
 * sem/first.c -- a set that is created is not yet initialised.
 *
 * Shows:   semget creates, a later call initialises. Here the first process is
 *          stopped in between, and a second one finds a set that looks ready.
 *          IPC_EXCL tells which process has created the set and is to
 *          initialise it; sem_otime tells the others that it has done so.
 *
 * Run:     $ build/sem/first README.md
 *
 * Prints:  first: created the set
 *          second: found the set; sem_otime is 0, so waits
 *          first: initialises the set
 *          second: found the set initialised
 *          second: has taken the lock
 *
 * Read:    semget(2), semop(2), semctl(2), fork(2), kill(2)
 */
#define _GNU_SOURCE // semtimedop
#include <stdio.h>
#include <time.h>

#include "../common/child.h"
#include "leftover.h"
#include "semop_within.h"

#define LIMIT_S 1 // seconds that the second process waits

enum { OWNER = SEM_OWNER, LOCK, SEMAPHORES }; // OWNER stays 0 here

static key_t key;

static void remove_set(void)
{
    remove_leftover(key);
}

// Of two processes that come here, one creates the set and initialises it. To
// the other -1 is returned, and errno is EEXIST.
static int create_set(const char *who, bool stop)
{
    struct sembuf initialise = {LOCK, +1, 0};
    int set = semget(key, SEMAPHORES, IPC_CREAT | IPC_EXCL | 0600);

    if (set == -1 && errno != EEXIST)
        errx(1, "semget: %s", ipc_strerror(errno));
    if (set == -1)
        return -1;
    printf("%s: created the set\n", who);
    if (stop)
        kill(getpid(), SIGSTOP);
    printf("%s: initialises the set\n", who);
    if (semop(set, &initialise, 1) == -1)
        err(1, "%s: semop", who);
    return set;
}

// Let the first process go on, or kill it, and wait for the set. Only semop
// sets sem_otime; neither semget does so, nor SETVAL.
static bool is_initialised(int set, pid_t first, bool die)
{
    const struct timespec ms = {.tv_nsec = 1000000};
    struct semid_ds about = {0};

    printf("second: found the set; sem_otime is 0, so waits\n");
    kill(first, die ? SIGKILL : SIGCONT);
    for (int i = 0; i < LIMIT_S * 1000 && about.sem_otime == 0; i++) {
        if (semctl(set, 0, IPC_STAT, (union semun){.buf = &about}) == -1)
            err(1, "semctl");
        nanosleep(&ms, NULL);
    }
    return about.sem_otime != 0;
}

// Whether the second process gets the lock.
static bool take_lock(int set)
{
    struct sembuf take = {LOCK, -1, SEM_UNDO};
    bool taken = semop_within(LIMIT_S, set, &take, 1);

    if (taken)
        printf("second: has taken the lock\n");
    else
        warn("second: waited %d s for a lock that is not held", LIMIT_S);
    return taken;
}

int main(int argc, char *argv[])
{
    program_start();
    int naive = 0, die = 0;
    const struct option flags[] = {
        {"naive", no_argument, &naive, 1},
        {"die", no_argument, &die, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "first [--naive] [--die] KEYFILE");

    lock_key_file(argv[optind]); // another run would be a third process
    key = unused_key(argv[optind]);
    on_termination(remove_set);
    block_termination(); // until the set is there
    pid_t parent = getpid(), first = fork();
    if (first == -1)
        err(1, "fork");
    if (first == 0) {
        set_pdeathsig(parent, SIGKILL); // also if it is stopped
        create_set("first", true);
        exit(0);
    }
    if (!child_has_stopped(first))
        errx(1, "the first process did not stop");
    unblock_termination();

    int set = create_set("second", false);
    if (set == -1)
        set = semget(key, SEMAPHORES, 0);
    if (naive) {
        printf("second: found the set\n");
    } else if (is_initialised(set, first, die)) {
        printf("second: found the set initialised\n");
    } else {
        // Its creator may be dead or only slow, so it must not be initialised
        // here as well. If it is removed, the creator's semop fails.
        printf("second: removes the set, which is not initialised\n");
        if (semctl(set, 0, IPC_RMID) == -1)
            err(1, "semctl");
        set = create_set("second", false);
    }
    bool taken = take_lock(set);
    if (naive) // it has not gone on yet
        kill(first, SIGCONT);
    bool ok = child_succeeded(first, "first process") || die;
    if (semctl(set, 0, IPC_RMID) == -1)
        err(1, "semctl");
    return taken && ok ? 0 : 1;
}
