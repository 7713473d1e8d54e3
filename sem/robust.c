/*
 * sem/robust.c -- a mutex whose holder is killed, and a condition variable.
 *
 * Shows:   A pthread mutex in shared memory locks without the kernel. If it is
 *          robust, and its holder is killed, the next process gets it, with
 *          EOWNERDEAD: to repair the data and declare it consistent. A
 *          condition variable waits for anything that the mutex guards.
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
 *          pthread_mutexattr_setrobust(3), fork(2), pthread_mutex_consistent(3)
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "../common/child.h"
#include "../common/program.h"

#define CHILD_LIMIT_S 5 // that the parent waits for the child,
#define LIMIT_S 1       // and for the mutex

static struct shared {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    enum { CHILD_STARTS, CHILD_WAITS, CHILD_WORKS } step;
    int numbers[2]; // equal, whenever the mutex is free
} * shared;

// These functions return their error, and leave errno alone.
static void check(int error, const char *what)
{
    if (error != 0)
        errx(1, "%s: %s", what, strerror(error));
}

static void init(bool robust)
{
    pthread_mutexattr_t mutex;
    pthread_condattr_t condition;

    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        err(1, "mmap");
    pthread_mutexattr_init(&mutex);
    pthread_condattr_init(&condition);
    check(pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED),
          "setpshared");
    check(pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED),
          "setpshared");
    if (robust)
        check(pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST),
              "setrobust");
    check(pthread_mutex_init(&shared->mutex, &mutex), "pthread_mutex_init");
    check(pthread_cond_init(&shared->changed, &condition), "pthread_cond_init");
}

static struct timespec limit(int seconds)
{
    struct timespec until; // a time of day, not a duration

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    return until;
}

// The child: wait until it may work, and be killed in the middle of it.
static void work(void)
{
    check(pthread_mutex_lock(&shared->mutex), "pthread_mutex_lock");
    shared->step = CHILD_WAITS;
    check(pthread_cond_signal(&shared->changed), "pthread_cond_signal");
    // This gives back the mutex, waits for a signal and gets the mutex again.
    while (shared->step != CHILD_WORKS)
        check(pthread_cond_wait(&shared->changed, &shared->mutex),
              "pthread_cond_wait");
    printf("child: has the mutex, and is killed between two changes\n");
    shared->numbers[0] = 1;
    raise(SIGKILL); // and numbers[1] = 1 would be next
}

// The parent: let the child work, and wait until it has been killed.
static void wait_for_death(pid_t child)
{
    const struct timespec until = limit(CHILD_LIMIT_S);

    check(pthread_mutex_lock(&shared->mutex), "pthread_mutex_lock");
    while (shared->step != CHILD_WAITS)
        check(pthread_cond_timedwait(&shared->changed, &shared->mutex, &until),
              "waiting for the child, 5 s at most");
    shared->step = CHILD_WORKS;
    check(pthread_cond_signal(&shared->changed), "pthread_cond_signal");
    check(pthread_mutex_unlock(&shared->mutex), "pthread_mutex_unlock");
    if (waitpid(child, NULL, 0) == -1)
        err(1, "waitpid");
}

static void lock_and_repair(void)
{
    const struct timespec until = limit(LIMIT_S);

    int error = pthread_mutex_timedlock(&shared->mutex, &until);
    if (error == ETIMEDOUT)
        errx(1, "waited %d s for a mutex whose holder has ended", LIMIT_S);
    if (error != EOWNERDEAD)
        check(error, "pthread_mutex_timedlock");
    printf("parent: got the mutex%s; the numbers are %d and %d\n",
           error == EOWNERDEAD ? " with EOWNERDEAD" : "", shared->numbers[0],
           shared->numbers[1]);
    if (error == EOWNERDEAD) {
        shared->numbers[1] = shared->numbers[0];
        printf("parent: has repaired that: %d and %d\n", shared->numbers[0],
               shared->numbers[1]);
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

    init(!plain);
    pid_t parent = getpid(), child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        set_pdeathsig(parent, SIGTERM);
        work();
    }
    wait_for_death(child);
    lock_and_repair(); // EOWNERDEAD
    lock_and_repair(); // an ordinary mutex again
    return 0;
}
