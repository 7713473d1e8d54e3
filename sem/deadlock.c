/*
 * sem/deadlock.c -- the dining philosophers, who take one fork, then the other.
 *
 * Shows:   Each process holds one semaphore and waits for that which its
 *          neighbour holds. The kernel does not notice: only a time limit ends
 *          it. GETPID names the process that operated on a semaphore last,
 *          which is the holder of one that is taken.
 *
 *          The cure: sem/together.c takes both forks in one semop.
 *
 * Run:     $ build/sem/deadlock README.md
 *
 * Prints:  process <pid> holds fork <n>, waits for fork <n> of process <pid>
 *          <...>
 *          deadlock: after 1 s each of 5 processes still waits for another
 *
 * Read:    semop(2), semctl(2), fork(2)
 */
#define _GNU_SOURCE // semtimedop
#include <stdio.h>

#include "../common/child.h"
#include "leftover.h"
#include "semop_within.h"

#define PHILOSOPHERS 5
#define LIMIT_S 1      // seconds that a philosopher waits for the second fork,
#define ALL_LIMIT_S 10 // and for all others to come as far as this one

enum {
    OWNER = SEM_OWNER,
    HOLDING_LEFT, // philosophers who have yet to take their left fork
    REPORTED,     // philosophers who have yet to report what they wait for
    FORK,         // the first of five: 1 if it is free, 0 if it is held
    SEMAPHORES = FORK + PHILOSOPHERS,
};

static int set = -1;

// Return when all philosophers have come to this point.
static void wait_for_all(unsigned short counter)
{
    struct sembuf come = {counter, -1, 0}, zero = {counter, 0, 0};

    if (semop(set, &come, 1) == -1)
        err(1, "semop");
    if (!semop_within(ALL_LIMIT_S, set, &zero, 1))
        err(1, "not all have come within %d s", ALL_LIMIT_S);
}

// True if this philosopher cannot get the second fork: deadlock.
static bool dine(unsigned short seat)
{
    unsigned short left = FORK + seat;
    unsigned short right = (unsigned short)(FORK + (seat + 1) % PHILOSOPHERS);

    struct sembuf take_left = {left, -1, SEM_UNDO};
    struct sembuf take_right = {right, -1, SEM_UNDO};

    if (semop(set, &take_left, 1) == -1)
        err(1, "semop");
    wait_for_all(HOLDING_LEFT); // the deadlock also occurs without, but rarely
    if (semop_within(LIMIT_S, set, &take_right, 1))
        return false;
    if (errno != EAGAIN)
        err(1, "semtimedop");
    printf("process %d holds fork %d, waits for fork %d of process %d\n",
           getpid(), left - FORK + 1, right - FORK + 1,
           semctl(set, right, GETPID));
    wait_for_all(REPORTED); // until then keep the fork; its end gives it back
    return true;
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc != 2)
        return usage(argc, argv, "deadlock KEYFILE");

    set = new_set(argv[1], SEMAPHORES);

    struct sembuf initial[2 + PHILOSOPHERS] = {{HOLDING_LEFT, PHILOSOPHERS, 0},
                                               {REPORTED, PHILOSOPHERS, 0}};
    for (unsigned short i = 0; i < PHILOSOPHERS; i++)
        initial[2 + i] = (struct sembuf){FORK + i, +1, 0};
    if (semop(set, initial, 2 + PHILOSOPHERS) == -1)
        err(1, "semop");

    pid_t parent = getpid();
    for (unsigned short seat = 0; seat < PHILOSOPHERS; seat++) {
        pid_t philosopher = fork();
        if (philosopher == -1)
            err(1, "fork");
        if (philosopher == 0) {
            set_pdeathsig(parent, SIGTERM);
            exit(dine(seat) ? 0 : 1);
        }
    }
    if (children_failed() > 0)
        errx(1, "there was no deadlock");
    if (semctl(set, 0, IPC_RMID) == -1)
        err(1, "semctl");
    printf(
        "deadlock: after %d s each of %d processes still waits for another\n",
        LIMIT_S, PHILOSOPHERS);
    return 0;
}
