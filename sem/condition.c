/*
 * sem/condition.c -- processes that wait for a condition variable.
 *
 * Shows:   A semaphore waits for a number; a condition variable waits for
 *          anything that a mutex guards. pthread_cond_wait gives back the
 *          mutex, sleeps, and gets the mutex again. Meanwhile another process
 *          may have been faster, so it stands in a loop.
 *
 *          --no-loop: an if instead of the while.
 *
 * Run:     $ build/sem/condition
 *
 * Prints:  parent: children have begun to wait 2 times; puts an item
 *          child <n>: takes an item, 0 are left
 *          child <n>: woken, and there is none: waits again
 *          parent: children have begun to wait 3 times; puts an item
 *          child <n>: takes an item, 0 are left
 *
 * Read:    pthreads(7), mmap(2), pthread_mutexattr_setpshared(3),
 *          pthread_cond_init(3), fork(2), pthread_cond_timedwait(3),
 *          pthread_cond_signal(3), pthread_cond_broadcast(3)
 */
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>

#include "../common/child.h"
#include "../common/program.h"
#include "deadline.h"

#define CHILDREN 2
#define LIMIT_S 5 // seconds that each of them waits, for each thing

static struct shared {
    pthread_mutex_t mutex; // for all below
    pthread_cond_t item_put, wait_begun;
    int items, waits; // how often a child has begun to wait
} * shared;

static int no_loop;

// pthread_cond_wait(3) with a time limit.
static void wait_for(pthread_cond_t *condition, const char *what)
{
    const struct timespec until = deadline(LIMIT_S);

    check(pthread_cond_timedwait(condition, &shared->mutex, &until), what);
}

static void take_item(int child)
{
    check(pthread_mutex_lock(&shared->mutex), "pthread_mutex_lock");
    while (shared->items == 0) {
        shared->waits++;
        check(pthread_cond_signal(&shared->wait_begun), "pthread_cond_signal");
        wait_for(&shared->item_put, "waiting for an item");
        if (no_loop)
            break;
        if (shared->items == 0)
            printf("child %d: woken, and there is none: waits again\n", child);
    }
    shared->items--;
    printf("child %d: takes an item, %d are left\n", child, shared->items);
    check(pthread_mutex_unlock(&shared->mutex), "pthread_mutex_unlock");
}

// Put an item, once children have begun to wait that many times.
static void put_item(int waits)
{
    check(pthread_mutex_lock(&shared->mutex), "pthread_mutex_lock");
    while (shared->waits < waits)
        wait_for(&shared->wait_begun, "waiting for the children");
    shared->items++;
    printf("parent: children have begun to wait %d times; puts an item\n",
           waits);
    check(pthread_cond_broadcast(&shared->item_put), "pthread_cond_broadcast");
    check(pthread_mutex_unlock(&shared->mutex), "pthread_mutex_unlock");
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option flags[] = {{"no-loop", no_argument, &no_loop, 1}, {0}};
    if (!parse_flags(argc, argv, flags) || argc != optind)
        return usage(argc, argv, "condition [--no-loop]");

    pthread_mutexattr_t mutex;
    pthread_condattr_t condition;
    pthread_mutexattr_init(&mutex);
    pthread_condattr_init(&condition);
    check(pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED),
          "setpshared");
    check(pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED),
          "setpshared");
    check(pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST),
          "setrobust"); // if a process is killed, end with EOWNERDEAD
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        err(1, "mmap");
    check(pthread_mutex_init(&shared->mutex, &mutex), "pthread_mutex_init");
    check(pthread_cond_init(&shared->item_put, &condition), "cond_init");
    check(pthread_cond_init(&shared->wait_begun, &condition), "cond_init");

    pid_t parent = getpid();
    for (int number = 1; number <= CHILDREN; number++) {
        pid_t child = fork();
        if (child == -1)
            err(1, "fork");
        if (child == 0) {
            set_pdeathsig(parent, SIGTERM);
            take_item(number);
            exit(0);
        }
    }
    put_item(CHILDREN); // wakes both, and only one of them gets it
    if (!no_loop)
        put_item(CHILDREN + 1);

    int failed = children_failed();
    if (shared->items < 0)
        errx(1, "%d items: more were taken than were put", shared->items);
    return failed == 0 ? 0 : 1;
}
