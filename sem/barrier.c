/*
 * sem/barrier.c -- nobody goes on before everybody is there, round after round.
 *
 * Shows:   A semaphore counts who is missing, and a semop of 0 waits for it to
 *          be zero. Whoever arrives here puts up the next barrier in the same
 *          step; it takes three of them, in turn.
 *
 * Run:     $ build/sem/barrier README.md 4 3
 *
 * Prints:  round 1: 4 came, then 4 went on
 *          round 2: 4 came, then 4 went on
 *          round 3: 4 came, then 4 went on
 *
 * Read:    semop(2), semctl(2), fork(2), pipe(7)
 */
#define _GNU_SOURCE // semtimedop, pipe2
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/ending.h"
#include "../common/program.h"
#include "../common/stream.h"
#include "sem_own.h"
#include "sem_within.h"

#define ROUNDS_MAX 1000

enum {
    OWNER = SEM_OWNER,
    AHEAD,   // processes that have gone on to round 2, see walk
    MISSING, // processes that have yet to come to a barrier: one for this
    SEMAPHORES = MISSING + 3 // round, one for the next, one for the last
};

// What a process writes into the pipe: before it arrives, and when it goes on.
struct event {
    int round;
    bool went_on;
};

static int set = -1;
static int limit = 10; // seconds that a process waits for the others

static void remove_set(void)
{
    semctl(set, 0, IPC_RMID);
}

static void remove_set_and_end(int number)
{
    remove_set();
    end_by(number);
}

static void tell(int to, int round, bool went_on)
{
    struct event event = {round, went_on};

    if (write_full(to, &event, sizeof event) == -1)
        err(1, "write");
}

// Return when nobody is missing.
static void wait_for_zero(unsigned short here, int process, int round)
{
    struct sembuf zero = {here, 0, 0};

    if (sem_within(set, &zero, 1, limit) == 0)
        return;
    if (errno != EAGAIN)
        err(1, "semtimedop");
    warnx("process %d, round %d: %d missing for %d s", process, round,
          semctl(set, here, GETVAL), limit);
    _exit(1); // without removing what the others wait for
}

static void walk(int process, long processes, long rounds, int barriers, int to)
{
    for (int round = 1; round <= rounds; round++) {
        unsigned short here = (unsigned short)(MISSING + round % barriers);
        unsigned short next =
            (unsigned short)(MISSING + (round + 1) % barriers);
        // In one step: one less is missing here, one more has to come there.
        struct sembuf arrive[] = {{here, -1, 0}, {next, +1, 0}, {AHEAD, +1, 0}};
        bool ahead = process > 1 && round == 2;
        struct sembuf all_ahead = {AHEAD, (short)(1 - processes), 0};

        tell(to, round, false);
        if (semop(set, arrive, ahead ? 3 : 2) == -1)
            err(1, "semop");
        // Process 1 dawdles: when it looks whether everybody has come, all the
        // others have seen so, have gone on, and have come to the next barrier.
        if (process == 1 && round == 1 && rounds > 1)
            sem_within(set, &all_ahead, 1, limit);
        wait_for_zero(here, process, round);
        tell(to, round, true);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    int two = 0;
    const struct option flags[] = {{"two", no_argument, &two, 1}, {0}};
    long processes, rounds;
    if (!parse_flags(argc, argv, flags) || argc - optind != 3 ||
        !parse_long(argv[optind + 1], 1, 100, &processes) ||
        !parse_long(argv[optind + 2], 1, ROUNDS_MAX, &rounds))
        return usage(argc, argv, "barrier [--two] KEYFILE PROCESSES ROUNDS");

    if (two)
        limit = 1;
    setvbuf(stderr, NULL, _IOLBF, 0); // whole lines, whoever prints
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == -1)
        err(1, "pipe2");
    key_t key = ftok(argv[optind], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[optind]);
    before_ending(remove_set_and_end);
    set = sem_own(key, SEMAPHORES);
    if (set == -1)
        err(1, "%s: is it in use?", argv[optind]);
    atexit(remove_set);

    // The barrier of round 1. Those who arrive there put up the next.
    struct sembuf put_up = {MISSING + 1, (short)processes, 0};
    if (semop(set, &put_up, 1) == -1)
        err(1, "semop");
    pid_t parent = getpid();
    for (int process = 1; process <= processes; process++) {
        pid_t child = fork();
        if (child == -1)
            err(1, "fork");
        if (child == 0) {
            end_with(parent, SIGTERM);
            walk(process, processes, rounds, two ? 2 : 3, ends[1]);
            _exit(0);
        }
    }
    close(ends[1]);

    int came[ROUNDS_MAX + 1] = {0}, went_on[ROUNDS_MAX + 1] = {0};
    struct event event;
    while (read_full(ends[0], &event, sizeof event) == sizeof event) {
        int round = event.round;
        if (!event.went_on)
            came[round]++;
        else if (came[round] < processes)
            errx(1, "round %d: one of %d went on", round, came[round]);
        else if (++went_on[round] == processes)
            printf("round %d: %d came, then %d went on\n", round, came[round],
                   went_on[round]);
    }
    return went_on[rounds] == processes ? 0 : 1;
}
