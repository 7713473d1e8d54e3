/*
 * sem/leftover.h -- remove a set at the end, or what a killed process has left;
 *                   and a new set for the lessons that are about later steps.
 *
 * A set outlives its processes, and semget(2) does not tell one that is in use
 * from a leftover. So every set here begins with a semaphore for its owner,
 * which adds 1 with SEM_UNDO: the kernel takes that back when the owner ends,
 * however it ends. At 0 the set has no owner.
 */
#ifndef SEM_LEFTOVER_H
#define SEM_LEFTOVER_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/semun.h"
#include "../common/termination.h"

#define SEM_OWNER 0 // the first semaphore: 1 as long as the set has an owner

// Become the owner of a set that has none, and remove it. Returns 0; -1 and
// errno: EBUSY if it has an owner, EPERM if another user has made it, which
// root could remove as well.
static inline int remove_if_unowned(int id)
{
    struct sembuf claim[] = {
        {SEM_OWNER, 0, IPC_NOWAIT},
        {SEM_OWNER, +1, SEM_UNDO},
    };
    struct semid_ds about = {0};

    int done = semctl(id, 0, IPC_STAT, (union semun){.buf = &about});
    if (done == 0 && about.sem_perm.cuid != geteuid()) {
        errno = EPERM;
        return -1;
    }
    if (done == -1 && errno == EACCES) { // which mode.c may have left
        about.sem_perm =
            (struct ipc_perm){.uid = geteuid(), .gid = getegid(), .mode = 0600};
        done = semctl(id, 0, IPC_SET, (union semun){.buf = &about});
    }
    if (done == 0)
        done = semop(id, claim, 2);
    if (done == 0)
        done = semctl(id, 0, IPC_RMID);
    if (done == -1 && (errno == EIDRM || errno == EINVAL))
        return 0; // another process has removed it
    if (done == -1 && errno == EAGAIN)
        errno = EBUSY;
    return done;
}

// Remove the set of that key, if it is a leftover. Returns 0 if there is none
// (any more); otherwise as above.
static inline int remove_leftover(key_t key)
{
    int id = semget(key, 0, 0); // of any size

    if (id == -1)
        return errno == ENOENT ? 0 : -1;
    return remove_if_unowned(id);
}

// The file's key, by ftok(3), which no set has: a leftover set is removed. If
// the set is in use the program ends here. Calls block_termination(); the
// caller creates the set, and then calls own_set().
static inline key_t unused_key(const char *file)
{
    key_t unused = ftok(file, IPC_PROJECT);

    if (unused == -1)
        err(1, "ftok %s", file);
    if (remove_leftover(unused) == -1)
        err(1, "%s: its set cannot be replaced", file);
    block_termination();
    return unused;
}

static int owned_set = -1; // what own_set() was given

static inline void remove_owned_set(void)
{
    semctl(owned_set, 0, IPC_RMID);
}

// Become the owner of a set that was just created: it is removed when this
// process ends early, by err(3) or by a signal. Lets termination signals in.
static inline void own_set(int set)
{
    struct sembuf claim = {SEM_OWNER, +1, SEM_UNDO};

    owned_set = set; // global: a handler takes no arguments
    on_termination(remove_owned_set);
    if (semop(set, &claim, 1) == -1)
        err(1, "semop");
}

// Create a set for the file's key and own it, as lock.c does step by step. If
// that fails the program ends here.
static inline int new_set(const char *file, int semaphores)
{
    int id = semget(unused_key(file), semaphores, IPC_CREAT | IPC_EXCL | 0600);

    if (id == -1)
        errx(1, "semget %s: %s", file, ipc_strerror(errno));
    own_set(id);
    return id;
}

// Sets of IPC_PRIVATE cannot be found by a key. Remove those leftovers that
// this user has made and that have this number of semaphores.
static inline void remove_private_leftovers(int semaphores)
{
    struct seminfo info;
    struct semid_ds about = {0};
    int last = semctl(0, 0, SEM_INFO, (union semun){.__buf = &info});

    for (int i = 0; i <= last; i++) {
        int id = semctl(i, 0, SEM_STAT, (union semun){.buf = &about});
        if (id != -1 && about.sem_perm.__key == IPC_PRIVATE &&
            about.sem_nsems == (unsigned long)semaphores)
            remove_if_unowned(id);
    }
}

// Lock the file until this process and its children have ended, so that only
// one run at a time uses this key file. If another run has it, end here.
static inline void lock_key_file(const char *path)
{
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (file == -1)
        err(1, "%s", path);
    if (flock(file, LOCK_EX | LOCK_NB) == -1)
        err(1, "%s: is it in use?", path);
}

#endif
