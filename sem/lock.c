/*
 * sem/lock.c -- several processes add one to the same number in a file.
 *
 * Shows:   To add one is to read, to add, to write; what others write in
 *          between is overwritten. A semaphore of 1 lets one process at a time
 *          do all three. SEM_UNDO: should it be killed, the next one may.
 *
 * Run:     $ build/sem/lock README.md 4 250
 *
 * Prints:  4 processes added 1, 1000 times in all: 1000
 *
 * Read:    semop(2), fork(2), pread(2), wait(2), tmpfile(3)
 */
#define _GNU_SOURCE // semtimedop
#include <err.h>
#include <errno.h>
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

#define LIMIT 10 // seconds that a process waits for the lock

enum { OWNER = SEM_OWNER, GATE, LOCK, SEMAPHORES };

static int set = -1;
static int no_lock, kill_each; // flags

static void remove_set(void)
{
    semctl(set, 0, IPC_RMID);
}

static void remove_set_and_end(int number)
{
    remove_set();
    end_by(number);
}

// The long at that position of the file; 0 beyond its end.
static long get(int file, long position)
{
    long value = 0;

    if (pread(file, &value, sizeof value, position * (long)sizeof value) == -1)
        err(1, "pread");
    return value;
}

static void put(int file, long position, long value)
{
    if (pwrite(file, &value, sizeof value, position * (long)sizeof value) !=
        sizeof value)
        err(1, "pwrite");
}

static void operate(unsigned short semaphore, short op, short flags)
{
    struct sembuf one = {semaphore, op, flags};

    if (sem_within(set, &one, 1, LIMIT) == -1)
        err(1, "waiting for semaphore %d, %d s at most", semaphore, LIMIT);
}

// Process i. At position 0 is the number. At position i this process counts how
// often it has added one: nobody else writes there, so that is always right.
static void add(int file, long i, long times)
{
    const struct timespec moment = {.tv_nsec = 1000}; // widens the gap

    operate(GATE, 0, 0); // 0: wait until it is zero
    for (long n = 1; n <= times + kill_each; n++) {
        if (!no_lock)
            operate(LOCK, -1, SEM_UNDO);

        long number = get(file, 0);
        nanosleep(&moment, NULL);
        if (n > times)
            raise(SIGKILL); // holding the lock
        put(file, 0, number + 1);
        put(file, i, n);

        if (!no_lock)
            operate(LOCK, +1, SEM_UNDO);
    }
}

// Wait for all children. Returns how many were killed.
static int wait_for_all(long children)
{
    int outcome, killed = 0;

    for (; children > 0; children--) {
        while (wait(&outcome) == -1)
            if (errno != EINTR)
                err(1, "wait");
        if (WIFSIGNALED(outcome) && WTERMSIG(outcome) == SIGKILL)
            killed++;
        else if (outcome != 0)
            exit(1); // it has said why
    }
    return killed;
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option flags[] = {
        {"no-lock", no_argument, &no_lock, 1},
        {"kill", no_argument, &kill_each, 1},
        {0},
    };
    long processes, times;
    if (!parse_flags(argc, argv, flags) || argc - optind != 3 ||
        !parse_long(argv[optind + 1], 1, 100, &processes) ||
        !parse_long(argv[optind + 2], 1, 100000, &times))
        return usage(argc, argv,
                     "lock [--no-lock] [--kill] KEYFILE PROCESSES TIMES");

    FILE *scratch = tmpfile();
    if (!scratch)
        err(1, "tmpfile");
    int file = fileno(scratch);
    key_t key = ftok(argv[optind], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[optind]);
    before_ending(remove_set_and_end);
    set = sem_own(key, SEMAPHORES);
    if (set == -1)
        err(1, "%s: is it in use?", argv[optind]);
    atexit(remove_set);

    // Now, when nobody else uses the set, is the time for initial values.
    operate(GATE, +1, 0); // closed
    operate(LOCK, +1, 0); // one may subtract one
    pid_t parent = getpid();
    for (long i = 1; i <= processes; i++) {
        pid_t child = fork();
        if (child == -1)
            err(1, "fork");
        if (child == 0) {
            end_with(parent, SIGTERM);
            add(file, i, times);
            _exit(0);
        }
    }
    operate(GATE, -1, 0); // now all of them are there
    int killed = wait_for_all(processes);

    long added = 0;
    for (long i = 1; i <= processes; i++)
        added += get(file, i);
    long number = get(file, 0);
    printf("%ld processes added 1, %ld times in all: %ld\n", processes, added,
           number);
    if (killed > 0)
        printf("%d of them were killed\n", killed);
    if (number < added)
        errx(1, "%ld updates were lost", added - number);
    return 0;
}
