/*
 * shm/segment.h -- who may set up a System V segment, who is there to use
 *                     it, and what stands at its beginning.
 */
#ifndef SHM_SEGMENT_H
#define SHM_SEGMENT_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

#include "../common/termination.h"

#define SEGMENT_VERSION 1u

struct segment_header {
    atomic_uint magic; // which layout follows; 0 while it is being set up
    uint32_t version;
    uint64_t size; // of the segment, in bytes
};

// Lock the key file, so that no two processes set up at the same time: looking
// for a leftover, removing it and making a segment are three steps. Close the
// descriptor when done; a killed process's lock is gone with it. Who holds it
// does so for an instant: -1 and EINTR if it takes two seconds.
static inline int segment_lock(const char *path)
{
    int lock = open(path, O_RDONLY | O_CLOEXEC);
    if (lock == -1)
        return -1;

    start_alarm_ticks(2);
    int result = flock(lock, LOCK_EX);
    int error = errno;
    start_alarm_ticks(0);
    if (result == 0)
        return lock;
    close(lock);
    errno = error;
    return -1;
}

// Remove the segment with this key if it was left behind, whatever its size.
// False if that cannot be, and then it has said why on stderr.
static inline bool segment_clear(key_t key, const char *path)
{
    struct shmid_ds about;
    int old = shmget(key, 0, 0); // any size will do, and no permission is asked
    if (old == -1 && errno == ENOENT)
        return true;

    // It is in use if somebody has it attached and its maker lives. A sender
    // that survived its receiver is attached as well; it will notice.
    if (shmctl(old, IPC_STAT, &about) == 0 && about.shm_nattch > 0 &&
        (kill(about.shm_cpid, 0) == 0 || errno == EPERM)) {
        warnx("%s: in use by process %d", path, (int)about.shm_cpid);
        return false;
    }
    if (shmctl(old, IPC_RMID, NULL) == 0 || errno == EINVAL || errno == EIDRM)
        return true;
    warn("%s: another user's segment is in the way, see ipcrm -m %d", path,
         old);
    return false;
}

// Write the header of a segment that is otherwise complete.
static inline void segment_label(struct segment_header *header, unsigned magic,
                                 size_t size)
{
    header->version = SEGMENT_VERSION;
    header->size = size;
    // release: who sees the magic number sees all that was written before it.
    atomic_store_explicit(&header->magic, magic, memory_order_release);
}

// True if it is a segment of this layout and size. The kernel's own word for
// the size comes first: a page that is not there cannot be asked.
static inline bool segment_is(int id, const struct segment_header *header,
                              unsigned magic, size_t size)
{
    struct shmid_ds about;

    return shmctl(id, IPC_STAT, &about) == 0 && about.shm_segsz == size &&
           atomic_load_explicit(&header->magic, memory_order_acquire) ==
               magic &&
           header->version == SEGMENT_VERSION && header->size == size;
}

// Make a new segment with this key and attach it; to be called with the lock.
// NULL, and an explanation on stderr, if that cannot be.
static inline void *segment_make(key_t key, const char *path, unsigned magic,
                                 size_t size, int *id)
{
    if (!segment_clear(key, path))
        return NULL;
    *id = shmget(key, size, IPC_CREAT | IPC_EXCL | 0600);
    void *here = *id == -1 ? NULL : shmat(*id, NULL, 0);
    if (*id == -1 || (intptr_t)here == -1) {
        warn("a segment for %s", path);
        return NULL;
    }
    segment_label(here, magic, size);
    return here;
}

// Attach the segment that the other end has made. NULL, and an explanation on
// stderr, if there is none, or it is not what we take it for.
static inline void *segment_find(key_t key, const char *path, unsigned magic,
                                 size_t size, int *id)
{
    *id = shmget(key, 0, 0);
    if (*id == -1) {
        warn("shmget %s: is the receiver running?", path);
        return NULL;
    }
    void *there = shmat(*id, NULL, 0);
    if ((intptr_t)there == -1)
        warn("shmat %s", path);
    else if (!segment_is(*id, there, magic, size))
        warnx("%s: its segment is for another program, or option", path);
    else
        return there;
    return NULL;
}

// True if this process is the only one that has the segment attached: the
// kernel detaches those who die, however they die.
static inline bool segment_alone(int id)
{
    struct shmid_ds about;

    return shmctl(id, IPC_STAT, &about) == 0 && about.shm_nattch <= 1;
}

#endif
