/*
 * sem/lock.c -- several processes add one to the same number.
 *
 * Shows:   To add one is to read, to add, to write; what others write in
 *          between is overwritten. A semaphore of 1 lets one process at a time
 *          do all three. SEM_UNDO: should it be killed, the next one may.
 *
 * Run:     $ build/sem/lock README.md 4 250
 *
 * Prints:  4 processes added 1, 1000 times in all: 1000
 *
 * Read:    semget(2), semop(2), semctl(2), mmap(2), fork(2), wait(2)
 */
#define _GNU_SOURCE // semtimedop
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

#include "../common/child.h"
#include "leftover.h"

#define LIMIT_S 10 // seconds that a process waits for the lock

enum { OWNER = SEM_OWNER, GATE, LOCK, SEMAPHORES };

static int set = -1;
static long *numbers;          // in memory that all processes share
static int no_lock, kill_each; // flags

static void remove_set(void)
{
    semctl(set, 0, IPC_RMID);
}

static void operate(unsigned short semaphore, short op, short flags)
{
    struct sembuf one = {semaphore, op, flags};
    const struct timespec limit = {.tv_sec = LIMIT_S};

    while (semtimedop(set, &one, 1, &limit) == -1)
        if (errno != EINTR)
            err(1, "semaphore %d, %d s at most", semaphore, LIMIT_S);
}

// Process i adds one to number 0, that many times. Number i is how often it has
// done so: only this process writes there, which is right without a lock.
static void add(long i, long times)
{
    const struct timespec delay = {.tv_nsec = 1000}; // between read and write

    operate(GATE, 0, 0); // 0: wait until it is zero
    for (long n = 1; n <= times + kill_each; n++) {
        if (!no_lock)
            operate(LOCK, -1, SEM_UNDO);
        long number = numbers[0];
        nanosleep(&delay, NULL);
        if (n > times)
            raise(SIGKILL); // holding the lock
        numbers[0] = number + 1;
        numbers[i] = n;
        if (!no_lock)
            operate(LOCK, +1, SEM_UNDO);
    }
}

// Returns how many of the children were killed.
static int wait_for_all(long children)
{
    int outcome, killed = 0;

    for (; children > 0; children--) {
        if (wait(&outcome) == -1)
            err(1, "wait");
        if (WIFEXITED(outcome) && WEXITSTATUS(outcome) != 0)
            exit(1); // it has said why
        killed += WIFSIGNALED(outcome);
    }
    return killed;
}

static int report(long processes, int killed)
{
    long added = 0;

    for (long i = 1; i <= processes; i++)
        added += numbers[i];
    printf("%ld processes added 1, %ld times in all: %ld\n", processes, added,
           numbers[0]);
    if (killed > 0)
        printf("%d of them were killed\n", killed);
    if (numbers[0] < added)
        warnx("%ld updates were lost", added - numbers[0]);
    return numbers[0] < added ? 1 : 0;
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

    set = semget(unused_key(argv[optind]), SEMAPHORES,
                 IPC_CREAT | IPC_EXCL | 0600);
    if (set == -1)
        errx(1, "semget %s: %s", argv[optind], ipc_strerror(errno));
    on_termination(remove_set);
    numbers = mmap(NULL, (size_t)(1 + processes) * sizeof *numbers,
                   PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (numbers == MAP_FAILED)
        err(1, "mmap");

    // The gate is closed, and one process at a time may subtract from LOCK.
    struct sembuf initialise[] = {
        {OWNER, +1, SEM_UNDO}, {GATE, +1, 0}, {LOCK, +1, 0}};
    if (semop(set, initialise, 3) == -1)
        err(1, "semop");
    pid_t parent = getpid();
    for (long i = 1; i <= processes; i++) {
        pid_t child = fork();
        if (child == -1)
            err(1, "fork");
        if (child == 0) {
            set_pdeathsig(parent, SIGTERM);
            add(i, times);
            _exit(0);
        }
    }
    operate(GATE, -1, 0); // all of them are there

    int status = report(processes, wait_for_all(processes));
    if (semctl(set, 0, IPC_RMID) == -1)
        err(1, "semctl");
    return status;
}
