/*
 * sem/robust.c -- a mutex whose holder is killed.
 *
 * Shows:   A pthread mutex in shared memory locks without the kernel. If it is
 *          robust, and its holder is killed, the next process gets it, with
 *          EOWNERDEAD: to repair the data and declare it consistent.
 *
 *          --plain: not robust.
 *
 * Run:     $ build/sem/robust
 *
 * Prints:  child: has the mutex, and is killed between two changes
 *          parent: got the mutex with EOWNERDEAD; the numbers are 1 and 0
 *          parent: has repaired that: 1 and 1
 *          parent: got the mutex; the numbers are 1 and 1
 *
 * Read:    pthreads(7), mmap(2), pthread_mutexattr_setpshared(3),
 *          pthread_mutexattr_setrobust(3), fork(2), pthread_mutex_lock(3),
 *          pthread_mutex_consistent(3)
 */
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>

#include "../common/child.h"
#include "../common/program.h"
#include "deadline.h"

#define LIMIT_S 1 // seconds that the parent waits for the mutex

static struct shared {
    pthread_mutex_t mutex;
    int numbers[2]; // equal, whenever the mutex is free
} * shared;

static void change_half(void)
{
    check(pthread_mutex_lock(&shared->mutex), "pthread_mutex_lock");
    printf("child: has the mutex, and is killed between two changes\n");
    shared->numbers[0] = 1;
    raise(SIGKILL); // and numbers[1] = 1 would be next
}

static void lock_and_repair(void)
{
    const struct timespec until = deadline(LIMIT_S);
    int *numbers = shared->numbers;

    int error = pthread_mutex_timedlock(&shared->mutex, &until);
    if (error == ETIMEDOUT)
        errx(1, "waited %d s for a mutex whose holder has ended", LIMIT_S);
    if (error != EOWNERDEAD)
        check(error, "pthread_mutex_timedlock");
    printf("parent: got the mutex%s; the numbers are %d and %d\n",
           error == EOWNERDEAD ? " with EOWNERDEAD" : "", numbers[0],
           numbers[1]);
    if (error == EOWNERDEAD) {
        numbers[1] = numbers[0];
        printf("parent: has repaired that: %d and %d\n", numbers[0],
               numbers[1]);
        check(pthread_mutex_consistent(&shared->mutex), "consistent");
    }
    check(pthread_mutex_unlock(&shared->mutex), "pthread_mutex_unlock");
}

int main(int argc, char *argv[])
{
    program_start();
    int plain = 0;
    const struct option flags[] = {{"plain", no_argument, &plain, 1}, {0}};
    if (!parse_flags(argc, argv, flags) || argc != optind)
        return usage(argc, argv, "robust [--plain]");

    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        err(1, "mmap");
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    check(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED),
          "setpshared");
    if (!plain)
        check(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST),
              "setrobust");
    check(pthread_mutex_init(&shared->mutex, &attr), "pthread_mutex_init");

    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0)
        change_half();
    if (waitpid(child, NULL, 0) == -1)
        err(1, "waitpid");
    lock_and_repair(); // EOWNERDEAD
    lock_and_repair(); // an ordinary mutex again
    return 0;
}
