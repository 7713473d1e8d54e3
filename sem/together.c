/*
 * sem/together.c -- the dining philosophers, who take both forks at once.
 *
 * Shows:   One semop subtracts from several semaphores, all or none. Nobody
 *          ever holds one fork while waiting for the other, so the circle in
 *          which everybody waits for the neighbour cannot close.
 *
 * Run:     $ build/sem/together README.md
 *
 * Prints:  philosopher <n> ate <n> times; others, while it waited, <n> at most
 *          philosopher <n> ate <n> times; others, while it waited, <n> at most
 *          philosopher <n> ate <n> times; others, while it waited, <n> at most
 *          philosopher <n> ate <n> times; others, while it waited, <n> at most
 *          philosopher <n> ate <n> times; others, while it waited, <n> at most
 *          10000 meals, and nobody starved
 *
 * Read:    semop(2), semctl(2), fork(2), wait(2)
 */
#define _GNU_SOURCE // semtimedop
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <time.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/ending.h"
#include "../common/program.h"
#include "sem_own.h"
#include "sem_within.h"

#define SEATS 5
#define POT 10000  // meals; a semaphore counts to 32767
#define LIMIT 10   // seconds that a philosopher waits for forks
#define PATIENCE 1 // the same, for the one that is missing

enum {
    OWNER = SEM_OWNER,
    MEALS,   // left in the pot
    COMING,  // philosophers who have yet to take their left fork
    TELLING, // and those who have yet to tell what they wait for
    FORK,    // and the others: 1 on the table, 0 in a hand
    SEMAPHORES = FORK + SEATS,
};

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

// False if the time is over, or an operation had to wait and must not.
static bool operate(struct sembuf *ops, size_t count, time_t seconds)
{
    if (sem_within(set, ops, count, seconds) == 0)
        return true;
    if (errno != EAGAIN)
        err(1, "semtimedop");
    return false;
}

// Eat until the pot is empty. Whoever had less than half a fair share starved.
static bool dine(int seat, unsigned short left, unsigned short right)
{
    const struct timespec meal = {.tv_nsec = 1000};
    // Two forks and a meal, or nothing. An empty pot is not worth waiting for.
    struct sembuf take[] = {
        {left, -1, SEM_UNDO},
        {right, -1, SEM_UNDO},
        {MEALS, -1, IPC_NOWAIT},
    };
    struct sembuf give_back[] = {{left, +1, SEM_UNDO}, {right, +1, SEM_UNDO}};
    int eaten = 0, most = 0;

    for (;;) {
        int before = semctl(set, MEALS, GETVAL);
        if (!operate(take, 3, LIMIT))
            break;
        int others = before - semctl(set, MEALS, GETVAL) - 1;
        if (others > most)
            most = others;
        eaten++;
        nanosleep(&meal, NULL);
        operate(give_back, 2, LIMIT);
    }
    printf("philosopher %d ate %d times; others, while it waited, %d at most\n",
           seat + 1, eaten, most);
    if (semctl(set, MEALS, GETVAL) == 0 && eaten >= POT / SEATS / 2)
        return true;
    warnx("philosopher %d starved", seat + 1);
    return false;
}

// Return when everybody has come to this point.
static void meet(unsigned short counter)
{
    struct sembuf one_less = {counter, -1, 0}, wait_for_zero = {counter, 0, 0};

    if (!operate(&one_less, 1, LIMIT) || !operate(&wait_for_zero, 1, LIMIT))
        errx(1, "somebody did not come within %d s", LIMIT);
}

static void dine_one_by_one(int seat, unsigned short left, unsigned short right)
{
    struct sembuf take_left = {left, -1, SEM_UNDO};
    struct sembuf take_right = {right, -1, SEM_UNDO};

    operate(&take_left, 1, LIMIT);
    meet(COMING); // without this it happens too, but not every day
    if (operate(&take_right, 1, PATIENCE))
        errx(1, "philosopher %d has both forks", seat + 1);
    // The last process to operate on a fork in a hand is the one that took it.
    printf(
        "philosopher %d, process %d: I hold fork %d and have waited %d s for "
        "fork %d, which process %d holds\n",
        seat + 1, getpid(), left - FORK + 1, PATIENCE, right - FORK + 1,
        semctl(set, right, GETPID));
    meet(TELLING); // nobody lets go before everybody has looked
}

int main(int argc, char *argv[])
{
    program_start();
    int one_by_one = 0;
    const struct option flags[] = {
        {"one-by-one", no_argument, &one_by_one, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "together [--one-by-one] KEYFILE");

    key_t key = ftok(argv[optind], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[optind]);
    before_ending(remove_set_and_end);
    set = sem_own(key, SEMAPHORES);
    if (set == -1)
        err(1, "%s: is it in use?", argv[optind]);
    atexit(remove_set);

    struct sembuf lay_the_table[SEMAPHORES - 1] = {
        {MEALS, POT, 0}, {COMING, SEATS, 0}, {TELLING, SEATS, 0}};
    for (unsigned short i = 0; i < SEATS; i++)
        lay_the_table[3 + i] = (struct sembuf){FORK + i, 1, 0};
    if (semop(set, lay_the_table, SEMAPHORES - 1) == -1)
        err(1, "semop");

    pid_t parent = getpid(), philosophers[SEATS];
    for (int seat = 0; seat < SEATS; seat++) {
        philosophers[seat] = fork();
        if (philosophers[seat] == -1)
            err(1, "fork");
        if (philosophers[seat] == 0) {
            end_with(parent, SIGTERM);
            unsigned short left = (unsigned short)(FORK + seat);
            unsigned short right = (unsigned short)(FORK + (seat + 1) % SEATS);
            if (one_by_one)
                dine_one_by_one(seat, left, right);
            else if (!dine(seat, left, right))
                _exit(1);
            _exit(0);
        }
    }

    bool well = true;
    for (int seat = 0; seat < SEATS; seat++)
        well &= child_succeeded(philosophers[seat], "philosopher");
    if (!well)
        return 1;
    if (one_by_one)
        errx(1, "deadlock: everybody holds what another waits for");
    printf("%d meals, and nobody starved\n", POT);
    return 0;
}
