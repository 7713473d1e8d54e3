/*
 * sem/once.c -- all create the set, all initialise it, and it happens once.
 *
 * Shows:   One semop asks whether the set is initialised, notes that it is, and
 *          initialises it: all or none, so that it does not matter who is first
 *          or who is killed. Here zero means "not yet", as it is in a new set.
 *
 * Run:     $ build/sem/once README.md
 *
 * Prints:  of 4 processes 1 initialised it, 3 found it done, 0 died
 *
 * Read:    semget(2), semop(2), fork(2), wait(2)
 */
#define _GNU_SOURCE // semtimedop
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/ending.h"
#include "../common/program.h"
#include "sem_own.h"
#include "sem_within.h"

#define PROCESSES 4
#define LIMIT 5 // seconds that they wait for each other

// The first one is always 0 here, so that a killed run's set is known for one.
enum { OWNER = SEM_OWNER, DONE, LOCK, LOOKED, SEMAPHORES };
enum { INITIALISED = 10, FOUND_DONE }; // exit statuses

static key_t key;
static int die, two_steps; // flags

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

// Return when all have looked: the gap is then as wide as it can be.
static void wait_for_all(int set)
{
    const short all = (short)(PROCESSES - die);
    struct sembuf look = {LOOKED, +1, 0};
    struct sembuf all_have[] = {{LOOKED, (short)-all, 0}, {LOOKED, all, 0}};

    if (semop(set, &look, 1) == -1)
        err(1, "semop");
    if (sem_within(set, all_have, 2, LIMIT) == -1)
        err(1, "waiting for all to look, %d s at most", LIMIT);
}

// What every process does. Returns the status to end with.
static int join(int process)
{
    int set = semget(key, SEMAPHORES, IPC_CREAT | 0600);
    if (set == -1)
        err(1, "semget");
    if (die && process == 1)
        raise(SIGKILL); // in the gap between creation and initialisation

    struct sembuf initialise[] = {
        {DONE, 0, IPC_NOWAIT}, // it is not done;
        {DONE, +1, 0},         // it is done
        {LOCK, +1, 0},         // by this
    };
    if (two_steps) {
        int done = semctl(set, DONE, GETVAL);
        wait_for_all(set);
        if (done)
            return FOUND_DONE;
        if (semop(set, initialise + 1, 2) == -1)
            err(1, "semop");
        return INITIALISED;
    }
    if (semop(set, initialise, 3) == 0)
        return INITIALISED;
    if (errno != EAGAIN)
        err(1, "semop");
    return FOUND_DONE;
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option flags[] = {
        {"two-steps", no_argument, &two_steps, 1},
        {"die", no_argument, &die, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "once [--two-steps] [--die] KEYFILE");

    // Two runs at once would join each other.
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

    pid_t parent = getpid();
    for (int process = 1; process <= PROCESSES; process++) {
        pid_t child = fork();
        if (child == -1)
            err(1, "fork");
        if (child == 0) {
            end_with(parent, SIGTERM);
            _exit(join(process));
        }
    }

    int initialised = 0, found = 0, killed = 0;
    for (int i = 0; i < PROCESSES; i++) {
        int outcome;
        while (wait(&outcome) == -1)
            if (errno != EINTR)
                err(1, "wait");
        if (WIFSIGNALED(outcome))
            killed++;
        else if (WEXITSTATUS(outcome) == INITIALISED)
            initialised++;
        else if (WEXITSTATUS(outcome) == FOUND_DONE)
            found++;
    }
    int lock = semctl(semget(key, SEMAPHORES, 0), LOCK, GETVAL);
    printf("of %d processes %d initialised it, %d found it done, %d died\n",
           PROCESSES, initialised, found, killed);
    if (lock != 1)
        errx(1, "the lock is %d: so many may hold it at once", lock);
    return 0;
}
