/*
 * sem/watch/waiters.h -- the processes that wait for a semaphore set.
 */
#ifndef SEM_WATCH_WAITERS_H
#define SEM_WATCH_WAITERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct waiter {
    pid_t pid;
    int semaphore; // its number in the set
    bool for_zero; // or for more
};

// Fill waiters with those that can be found: ours, or everybody's for root. The
// set has that many semaphores, of these values. Returns how many were found.
size_t find_waiters(struct waiter waiters[], size_t max, int set,
                    const unsigned short values[], size_t semaphores);

#endif
