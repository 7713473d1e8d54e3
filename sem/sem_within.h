/*
 * sem/sem_within.h -- operate on semaphores, within a time limit.
 */
#ifndef SEM_SEM_WITHIN_H
#define SEM_SEM_WITHIN_H

#include <errno.h>
#include <stddef.h>
#include <sys/sem.h>
#include <time.h>

// semtimedop(2), and again when a signal has interrupted it: no flag of
// sigaction(2) has the kernel do that, and even ^Z and fg interrupt it. Then
// the seconds begin anew. Returns 0; -1 and errno, EAGAIN if the time is over
// or an operation would have to wait and must not, EIDRM or EINVAL if the set
// is gone. Who includes this defines _GNU_SOURCE, for semtimedop.
static inline int sem_within(int set, struct sembuf *ops, size_t count,
                             time_t seconds)
{
    const struct timespec timeout = {.tv_sec = seconds};
    int outcome;

    do
        outcome = semtimedop(set, ops, count, &timeout);
    while (outcome == -1 && errno == EINTR);
    return outcome;
}

#endif
