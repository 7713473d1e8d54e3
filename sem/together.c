/*
 * sem/together.c -- the dining philosophers, who take both forks at once.
 *
 * Shows:   One semop subtracts from several semaphores, all or none. So no
 *          process holds one fork while it waits for the other, and there is
 *          no circle of processes that wait for each other.
 *
 *          Break it: sem/deadlock.c takes one fork after the other.
 *
 * Run:     $ build/sem/together README.md
 *
 * Prints:  philosopher <n> ate <n> times
 *          <...>
 *          10000 meals, and no philosopher starved
 *
 * Read:    semget(2), semop(2), semctl(2), fork(2)
 */
#define _GNU_SOURCE // semtimedop
#include <stdio.h>
#include <time.h>

#include "../common/child.h"
#include "leftover.h"

#define PHILOSOPHERS 5
#define MEALS_TOTAL 10000 // a semaphore counts to 32767
#define LIMIT_S 10        // seconds that a philosopher waits for forks

enum {
    OWNER = SEM_OWNER,
    MEALS, // meals that are left
    FORK,  // the first of five: 1 if it is free, 0 if it is held
    SEMAPHORES = FORK + PHILOSOPHERS,
};

static int set = -1;

// Eat until no meals are left. False if this one had less than half its share.
static bool dine(unsigned short seat)
{
    const struct timespec meal = {.tv_nsec = 1000}, limit = {.tv_sec = LIMIT_S};
    unsigned short left = FORK + seat;
    unsigned short right = (unsigned short)(FORK + (seat + 1) % PHILOSOPHERS);
    int eaten = 0;

    // Step 2: take both forks and a meal in one semop, eat, give the forks back
    // Two forks and a meal, or nothing. With IPC_NOWAIT: there will be no more
    // meals, so do not wait for one.
    struct sembuf take[] = {
        {left, -1, SEM_UNDO}, {right, -1, SEM_UNDO}, {MEALS, -1, IPC_NOWAIT}};
    struct sembuf give_back[] = {{left, +1, SEM_UNDO}, {right, +1, SEM_UNDO}};
    for (;;) {
        if (semtimedop(set, take, 3, &limit) == 0) {
            eaten++;
            nanosleep(&meal, NULL);
            if (semop(set, give_back, 2) == -1)
                err(1, "semop");
        } else if (errno == EAGAIN) {
            break; // no meals left, or no time
        } else if (errno != EINTR) {
            err(1, "semtimedop");
        }
    }

    printf("philosopher %d ate %d times\n", seat + 1, eaten);
    if (semctl(set, MEALS, GETVAL) == 0 &&
        eaten >= MEALS_TOTAL / PHILOSOPHERS / 2)
        return true;
    warnx("philosopher %d starved", seat + 1);
    return false;
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc != 2)
        return usage(argc, argv, "together KEYFILE");

    // Step 1: make the set, with all meals and all forks
    set = semget(unused_key(argv[1]), SEMAPHORES, IPC_CREAT | IPC_EXCL | 0600);
    if (set == -1)
        errx(1, "semget %s: %s", argv[1], ipc_strerror(errno));
    own_set(set);
    struct sembuf initial[1 + PHILOSOPHERS] = {{MEALS, MEALS_TOTAL, 0}};
    for (unsigned short i = 0; i < PHILOSOPHERS; i++)
        initial[1 + i] = (struct sembuf){FORK + i, +1, 0};
    if (semop(set, initial, 1 + PHILOSOPHERS) == -1)
        err(1, "semop");

    // Step 3: start the philosophers
    pid_t parent = getpid(), philosophers[PHILOSOPHERS];
    for (unsigned short seat = 0; seat < PHILOSOPHERS; seat++) {
        philosophers[seat] = fork();
        if (philosophers[seat] == -1)
            err(1, "fork");
        if (philosophers[seat] == 0) {
            set_pdeathsig(parent, SIGTERM);
            exit(dine(seat) ? 0 : 1);
        }
    }

    // Step 4: wait for all of them, and remove the set
    bool ok = true;
    for (int seat = 0; seat < PHILOSOPHERS; seat++)
        ok &= child_succeeded(philosophers[seat], "philosopher");
    if (semctl(set, 0, IPC_RMID) == -1)
        err(1, "semctl");
    if (ok)
        printf("%d meals, and no philosopher starved\n", MEALS_TOTAL);
    return ok ? 0 : 1;
}
