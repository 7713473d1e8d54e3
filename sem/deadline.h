/*
 * sem/deadline.h -- time limits for POSIX semaphores and pthread functions, and
 *                   the errors of the latter.
 */
#ifndef SEM_DEADLINE_H
#define SEM_DEADLINE_H

#include <err.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

// pthread functions return their error, and leave errno alone: end with it.
static inline void check(int error, const char *what)
{
    if (error != 0)
        errx(1, "%s: %s", what, strerror(error));
}

// The time so many seconds from now: sem_timedwait, pthread_cond_timedwait(3)
// and pthread_mutex_timedlock(3) take a time of day, not a duration.
static inline struct timespec deadline(int seconds)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    return until;
}

#endif
