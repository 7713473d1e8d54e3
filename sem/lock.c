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

enum { OWNER = SEM_OWNER, LOCK, SEMAPHORES };

static int no_lock;

// Process i adds one to number 0, that many times. Number i is how often it has
// done so: only this process writes there, which is right without a lock.
static void add(int set, long *numbers, long i, long times)
{
    struct sembuf take = {LOCK, -1, SEM_UNDO};
    struct sembuf give_back = {LOCK, +1, SEM_UNDO};
    const struct timespec limit = {.tv_sec = LIMIT_S};
    const struct timespec delay = {.tv_nsec = 1000}; // between read and write

    // Step 2: each time one process alone reads, waits and writes
    for (long n = 1; n <= times; n++) {
        while (!no_lock && semtimedop(set, &take, 1, &limit) == -1)
            if (errno != EINTR)
                err(1, "waiting for the lock, %d s at most", LIMIT_S);
        long number = numbers[0];
        nanosleep(&delay, NULL);
        numbers[0] = number + 1;
        numbers[i] = n;
        if (!no_lock && semop(set, &give_back, 1) == -1)
            err(1, "semop");
    }
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option flags[] = {{"no-lock", no_argument, &no_lock, 1}, {0}};
    long processes, times;
    if (!parse_flags(argc, argv, flags) || argc - optind != 3 ||
        !parse_long(argv[optind + 1], 1, 100, &processes) ||
        !parse_long(argv[optind + 2], 1, 100000, &times))
        return usage(argc, argv, "lock [--no-lock] KEYFILE PROCESSES TIMES");

    // Step 1: make the set, and let one process through
    int set = semget(unused_key(argv[optind]), SEMAPHORES,
                     IPC_CREAT | IPC_EXCL | 0600);
    if (set == -1)
        errx(1, "semget %s: %s", argv[optind], ipc_strerror(errno));
    own_set(set);                             // removes it at the end
    struct sembuf initialise = {LOCK, +1, 0}; // one process at a time
    if (semop(set, &initialise, 1) == -1)
        err(1, "semop");

    // Step 3: share the numbers, and start the processes
    long *numbers =
        mmap(NULL, (size_t)(1 + processes) * sizeof *numbers,
             PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (numbers == MAP_FAILED)
        err(1, "mmap");
    pid_t parent = getpid();
    for (long i = 1; i <= processes; i++) {
        pid_t child = fork();
        if (child == -1)
            err(1, "fork");
        if (child == 0) {
            set_pdeathsig(parent, SIGTERM);
            add(set, numbers, i, times);
            _exit(0);
        }
    }

    // Step 4: wait for all of them, add up, and remove the set
    long added = 0;
    int outcome;
    while (wait(&outcome) != -1)
        if (WIFEXITED(outcome) && WEXITSTATUS(outcome) != 0)
            return 1; // it has said why
    if (errno != ECHILD)
        err(1, "wait");
    for (long i = 1; i <= processes; i++)
        added += numbers[i];
    printf("%ld processes added 1, %ld times in all: %ld\n", processes, added,
           numbers[0]);
    if (semctl(set, 0, IPC_RMID) == -1)
        err(1, "semctl");
    if (numbers[0] < added)
        errx(1, "%ld updates were lost", added - numbers[0]);
    return 0;
}
