/*
 * sem/sem_own.h -- a new semaphore set of one's own, under a key.
 *
 * A set outlives its processes, and semget(2) cannot tell one that is in use
 * from one that a killed process left behind. Semaphore 0 can: it is 1 as long
 * as the set's owner lives, because SEM_UNDO has the kernel take that back when
 * the owner ends, however it ends. sem/first.c is about what goes wrong
 * without.
 */
#ifndef SEM_SEM_OWN_H
#define SEM_SEM_OWN_H

#include <errno.h>
#include <stdbool.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#define SEM_OWNER 0 // the semaphore of every such set that says so

// Create the set, for this user only: SEM_OWNER is 1, the others are 0. What a
// dead owner left under the key is removed, so that those who still use it are
// told by EIDRM or EINVAL. Returns its id; -1 and errno, EBUSY if somebody who
// lives owns the set of that key. The caller removes the set.
static inline int sem_own(key_t key, int semaphores)
{
    // Both or none, in one step: there is no owner, and now it is us.
    struct sembuf claim[] = {
        {SEM_OWNER, 0, IPC_NOWAIT},
        {SEM_OWNER, +1, SEM_UNDO},
    };

    for (;;) {
        int id = semget(key, semaphores, IPC_CREAT | IPC_EXCL | 0600);
        bool is_new = id != -1;

        if (!is_new) {
            if (errno != EEXIST)
                return -1;
            id = semget(key, 0, 0);
            if (id == -1 && errno != ENOENT)
                return -1;
        }
        // Between these calls another process may remove the set, old or new,
        // by the same reasoning. Its id is never mistaken for that of another
        // set: then start again.
        if (id != -1 && semop(id, claim, 2) == 0) {
            if (is_new)
                return id;
            if (semctl(id, 0, IPC_RMID) == -1 && errno == EPERM)
                return -1; // somebody else's, who lets us use it
        } else if (id != -1 && errno != EIDRM && errno != EINVAL) {
            if (errno != EAGAIN)
                return -1;
            if (!is_new) {
                errno = EBUSY;
                return -1;
            }
        }
    }
}

#endif
