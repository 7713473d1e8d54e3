/*
 * shm/semaphores.h -- System V semaphore sets, for lessons about other
 *                        things. sem/ is about them.
 *
 * Include it with _GNU_SOURCE, for semtimedop.
 */
#ifndef SHM_SEMAPHORES_H
#define SHM_SEMAPHORES_H

#include <errno.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <time.h>

#include "../common/semun.h"

// Remove the set with this key, if there is one. 0, or -1 and errno.
static inline int semaphores_clear(key_t key)
{
    int old = semget(key, 0, 0); // any number of semaphores

    if (old == -1)
        return errno == ENOENT ? 0 : -1;
    if (semctl(old, 0, IPC_RMID) == 0 || errno == EINVAL || errno == EIDRM)
        return 0;
    return -1;
}

// Make a set of that many semaphores; the one that is there is a leftover.
// All are 0, and nobody can see them before: if 0 is a value that makes others
// wait, there is no moment in which they could use the set half initialised.
static inline int semaphores_new(key_t key, int count)
{
    if (semaphores_clear(key) == -1)
        return -1;
    return semget(key, count, IPC_CREAT | IPC_EXCL | 0600);
}

// semop(2): all of these changes at once, when all of them are possible. 0; or
// -1 and errno, which is EAGAIN if that takes more than a tenth of a second.
static inline int semaphores_change(int set, struct sembuf changes[],
                                    size_t count)
{
    const struct timespec patience = {.tv_nsec = 100000000}; // 0.1 s
    int result;

    do
        result = semtimedop(set, changes, count, &patience);
    while (result == -1 && errno == EINTR);
    return result;
}

// The same for one semaphore: raise it, or wait until it can be lowered.
static inline int semaphore_add(int set, unsigned short which, short n)
{
    struct sembuf change = {.sem_num = which, .sem_op = n};

    return semaphores_change(set, &change, 1);
}

#endif
