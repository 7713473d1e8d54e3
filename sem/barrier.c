/*
 * sem/barrier.c -- processes that wait for all others, round after round.
 *
 * Shows:   A semaphore counts how many are missing, and a semop of 0 waits for
 *          it to be zero. Each process sets up the next barrier in the step in
 *          which it arrives here; it takes three barriers, in turn.
 *
 * Run:     $ build/sem/barrier README.md 4 3
 *
 * Prints:  round 1: 4 came, then 4 went on
 *          round 2: 4 came, then 4 went on
 *          round 3: 4 came, then 4 went on
 *
 * Read:    semop(2), semctl(2), mmap(2), fork(2)
 */
#define _GNU_SOURCE // semtimedop
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

#include "../common/child.h"
#include "leftover.h"
#include "semop_within.h"

#define ROUNDS_MAX 1000

enum {
    OWNER = SEM_OWNER,
    MISSING, // the first of three: how many processes a barrier still lacks
    SEMAPHORES = MISSING + 3
};

static int set = -1;
static int limit_s = 10; // that a process waits for the others
static long processes, rounds;
static struct {
    atomic_int came, went_on;
} * count; // for each round, in memory that all processes share

// Return when no process is missing.
static void wait_for_zero(unsigned short here, int process, int round)
{
    struct sembuf zero = {here, 0, 0};

    if (!semop_within(limit_s, set, &zero, 1))
        err(1, "process %d, round %d: %d missing for %d s", process, round,
            semctl(set, here, GETVAL), limit_s);
}

// Wait until all other processes have come to the second barrier.
static void be_late(void)
{
    const struct timespec delay = {.tv_nsec = 1000000}; // 1 ms

    for (int i = 0; i < limit_s * 1000 && count[2].came < processes - 1; i++)
        nanosleep(&delay, NULL);
}

static void run_rounds(int process, int barriers)
{
    for (int round = 1; round <= rounds; round++) {
        unsigned short here = (unsigned short)(MISSING + round % barriers);
        unsigned short next =
            (unsigned short)(MISSING + (round + 1) % barriers);
        // In one step: one less is missing here, one more has to come there.
        struct sembuf arrive[] = {{here, -1, 0}, {next, +1, 0}};

        count[round].came++;
        if (semop(set, arrive, 2) == -1)
            err(1, "semop");
        if (process == 1 && round == 1 && rounds > 1)
            be_late();
        wait_for_zero(here, process, round);
        int came = count[round].came;
        if (came < processes)
            errx(1, "round %d: process %d went on after %d came", round,
                 process, came);
        if (++count[round].went_on == processes)
            printf("round %d: %d came, then %ld went on\n", round, came,
                   processes);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    int two = 0;
    const struct option flags[] = {{"two", no_argument, &two, 1}, {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 3 ||
        !parse_long(argv[optind + 1], 1, 100, &processes) ||
        !parse_long(argv[optind + 2], 1, ROUNDS_MAX, &rounds))
        return usage(argc, argv, "barrier [--two] KEYFILE PROCESSES ROUNDS");

    if (two)
        limit_s = 1;
    count = mmap(NULL, (ROUNDS_MAX + 1) * sizeof *count, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (count == MAP_FAILED)
        err(1, "mmap");
    set = new_set(argv[optind], SEMAPHORES);

    // The barrier of round 1. The processes that arrive there set up the next.
    struct sembuf initialise = {MISSING + 1, (short)processes, 0};
    if (semop(set, &initialise, 1) == -1)
        err(1, "semop");
    pid_t parent = getpid();
    for (int process = 1; process <= processes; process++) {
        pid_t child = fork();
        if (child == -1)
            err(1, "fork");
        if (child == 0) {
            set_pdeathsig(parent, SIGTERM);
            run_rounds(process, two ? 2 : 3);
            exit(0);
        }
    }

    bool ok = children_failed() == 0;
    if (semctl(set, 0, IPC_RMID) == -1)
        err(1, "semctl");
    return ok ? 0 : 1;
}
