/*
 * sem/semop_within.h -- semop(2) with a time limit, which a signal does not
 *                       interrupt.
 *
 * Define _GNU_SOURCE before the first #include: semtimedop.
 */
#ifndef SEM_SEMOP_WITHIN_H
#define SEM_SEMOP_WITHIN_H

#include <errno.h>
#include <stdbool.h>
#include <sys/sem.h>
#include <time.h>

// Do all of these operations in one step, or wait for that. False and errno if
// it failed, EAGAIN when the time is over. A signal makes semtimedop(2) fail
// with EINTR, whatever sigaction(2) says, and so do ^Z and fg: then it begins
// again, also with the time.
static inline bool semop_within(int seconds, int set, struct sembuf *ops,
                                size_t count)
{
    const struct timespec limit = {.tv_sec = seconds};

    while (semtimedop(set, ops, count, &limit) == -1)
        if (errno != EINTR)
            return false;
    return true;
}

#endif
