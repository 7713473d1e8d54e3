/*
 * sem/once.c -- all processes create and initialise a set, and it happens once.
 *
 * Shows:   One semop tests whether the set is initialised, notes that it is,
 *          and initialises it: all or none, so it does not matter which process
 *          is first, or which is killed. 0 means "not yet", as in a new set.
 *
 * Run:     $ build/sem/once README.md
 *
 * Prints:  of 4 processes 1 initialised it, 3 found it done, 0 died
 *
 * Read:    semget(2), semop(2), semctl(2), fork(2), wait(2)
 */
#define _GNU_SOURCE // SEM_STAT
#include <stdio.h>

#include "../common/child.h"
#include "leftover.h"

#define PROCESSES 4

enum { OWNER = SEM_OWNER, DONE, LOCK, SEMAPHORES }; // OWNER stays 0 here
enum { INITIALISED = 10, FOUND_DONE };              // exit statuses

static key_t key;

static void remove_set(void)
{
    remove_leftover(key);
}

// What every process does. Returns the status to end with.
static int create_set(bool die, bool two_steps)
{
    struct sembuf initialise[] = {
        {DONE, 0, IPC_NOWAIT}, // it is not done;
        {DONE, +1, 0},         // it is done
        {LOCK, +1, 0},         // by this
    };

    int set = semget(key, SEMAPHORES, IPC_CREAT | 0600);
    if (set == -1)
        errx(1, "semget: %s", ipc_strerror(errno));
    if (die)
        raise(SIGKILL); // between creation and initialisation
    if (!two_steps) {
        if (semop(set, initialise, 3) == 0)
            return INITIALISED;
        if (errno != EAGAIN)
            err(1, "semop");
        return FOUND_DONE;
    }

    int done = semctl(set, DONE, GETVAL);
    kill(getpid(), SIGSTOP); // until all have come here
    if (done)
        return FOUND_DONE;
    if (semop(set, initialise + 1, 2) == -1)
        err(1, "semop");
    return INITIALISED;
}

int main(int argc, char *argv[])
{
    program_start();
    int die = 0, two_steps = 0;
    const struct option flags[] = {
        {"two-steps", no_argument, &two_steps, 1},
        {"die", no_argument, &die, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "once [--two-steps] [--die] KEYFILE");

    lock_key_file(argv[optind]); // or two runs would use one set
    key = unused_key(argv[optind]);
    on_termination(remove_set);
    block_termination(); // until all that create the set have done so
    pid_t parent = getpid(), child[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        child[i] = fork();
        if (child[i] == -1) {
            warn("fork");
            for (; i > 0; i--) { // or they create it after we have removed it
                kill(child[i - 1], SIGKILL);
                waitpid(child[i - 1], NULL, 0);
            }
            return 1;
        }
        if (child[i] == 0) {
            set_pdeathsig(parent, SIGKILL); // also if it is stopped
            _exit(create_set(die && i == 0, two_steps));
        }
    }

    int initialised = 0, found = 0, killed = 0, outcome;
    siginfo_t state;
    for (int i = 0; two_steps && i < PROCESSES; i++)
        if (waitid(P_PID, (id_t)child[i], &state,
                   WSTOPPED | WEXITED | WNOWAIT) == -1)
            err(1, "waitid");
    for (int i = 0; i < PROCESSES; i++) {
        kill(child[i], SIGCONT);
        if (waitpid(child[i], &outcome, 0) == -1)
            err(1, "waitpid");
        initialised +=
            WIFEXITED(outcome) && WEXITSTATUS(outcome) == INITIALISED;
        found += WIFEXITED(outcome) && WEXITSTATUS(outcome) == FOUND_DONE;
        killed += WIFSIGNALED(outcome);
    }
    unblock_termination();
    int set = semget(key, SEMAPHORES, 0), lock = semctl(set, LOCK, GETVAL);
    if (set == -1 || lock == -1 || semctl(set, 0, IPC_RMID) == -1)
        err(1, "the set");
    printf("of %d processes %d initialised it, %d found it done, %d died\n",
           PROCESSES, initialised, found, killed);
    if (lock != 1)
        errx(1, "the lock is %d: that many processes can hold it at once",
             lock);
    return 0;
}
