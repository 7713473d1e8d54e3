/*
 * shm/segment.h -- set up a System V segment: lock its key file, remove what a
 *                  killed process left, write and check its header.
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
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "../common/semun.h"
#include "../common/termination.h"

#define SEGMENT_VERSION 1u

struct segment_header {
    atomic_uint magic; // which layout follows; 0 while it is being set up
    uint32_t version;
    uint64_t size; // of the segment, in bytes
};

// Lock the key file, so that no two processes set up at the same time: finding
// a leftover, removing it and making a segment are three steps. Returns the
// descriptor, which the caller closes when it is ready; the kernel releases the
// lock of a killed process. -1, with the reason on stderr, if the file cannot
// be opened, or if another process has it locked for two seconds.
static inline int segment_lock(const char *path)
{
    int lock = open(path, O_RDONLY | O_CLOEXEC);
    if (lock == -1) {
        warn("%s", path);
        return -1;
    }

    set_alarm(2);
    int result = flock(lock, LOCK_EX);
    int error = errno;
    set_alarm(0);
    if (result == 0)
        return lock;
    close(lock);
    if (error == EINTR)
        warnx("%s: locked by another process", path);
    else
        warnx("flock %s: %s", path, strerror(error));
    return -1;
}

// Remove the semaphore set with this key, of the same leftover.
static inline bool segment_clear_set(key_t key, const char *path)
{
    struct semid_ds about = {0};
    union semun arg = {.buf = &about};
    int old = semget(key, 0, 0); // any number of semaphores

    if (old == -1 && errno == ENOENT)
        return true;
    if (semctl(old, 0, IPC_STAT, arg) == -1)
        about.sem_perm.uid = errno == EACCES ? (uid_t)-1 : geteuid();
    if (about.sem_perm.uid != geteuid()) {
        warnx("%s: another user's semaphore set has this key, see ipcrm -s %d",
              path, old);
        return false;
    }
    if (semctl(old, 0, IPC_RMID) == 0 || errno == EINVAL || errno == EIDRM)
        return true;
    warn("semctl %s", path);
    return false;
}

// Remove the segment with this key, of whatever size, and the semaphore set,
// if a killed process left them. False, with the reason on stderr, if they are
// in use, or another user's: root could remove those, but they are not root's.
static inline bool segment_clear(key_t key, const char *path)
{
    struct shmid_ds about;
    int old = shmget(key, 0, 0); // any size, and no permission is asked for
    if (old == -1 && errno == ENOENT)
        return segment_clear_set(key, path);

    bool known = shmctl(old, IPC_STAT, &about) == 0;
    if ((!known && errno == EACCES) ||
        (known && about.shm_perm.uid != geteuid())) {
        warnx("%s: another user's segment has this key, see ipcrm -m %d", path,
              old);
        return false;
    }
    // It is in use if it is attached and the process that made it is alive. A
    // sender that survived its receiver has it attached, too; it will notice.
    if (known && about.shm_nattch > 0 &&
        (kill(about.shm_cpid, 0) == 0 || errno == EPERM)) {
        warnx("%s: in use by process %d", path, (int)about.shm_cpid);
        return false;
    }
    if (shmctl(old, IPC_RMID, NULL) == 0 || errno == EINVAL || errno == EIDRM)
        return segment_clear_set(key, path);
    warn("shmctl %s", path);
    return false;
}

static int segment_to_remove = -1; // what segment_remove_at_end() was given

static inline void segment_remove(void)
{
    shmctl(segment_to_remove, IPC_RMID, NULL);
}

// Remove it when this process ends, by exit(3) or by a signal. Lets termination
// signals in.
static inline void segment_remove_at_end(int segment)
{
    segment_to_remove = segment; // global: a handler takes no arguments
    on_termination(segment_remove);
}

// Write the header of a segment that is otherwise complete.
static inline void segment_label(struct segment_header *header, unsigned magic,
                                 size_t size)
{
    header->version = SEGMENT_VERSION;
    header->size = size;
    // release: a process that sees the magic number sees all stores before it.
    atomic_store_explicit(&header->magic, magic, memory_order_release);
}

// True if it is this user's, and of this layout and size. What the kernel says
// comes first: in a segment that is too small the header is not there to read.
static inline bool segment_is(int id, const struct segment_header *header,
                              unsigned magic, size_t size)
{
    struct shmid_ds about;

    return shmctl(id, IPC_STAT, &about) == 0 &&
           about.shm_perm.uid == geteuid() && about.shm_segsz == size &&
           atomic_load_explicit(&header->magic, memory_order_acquire) ==
               magic &&
           header->version == SEGMENT_VERSION && header->size == size;
}

// Attach the segment with this key, if it is of this layout and size, and set
// *id. NULL, with the reason on stderr, if there is none.
static inline void *segment_open(key_t key, const char *path, unsigned magic,
                                 size_t size, int *id)
{
    *id = shmget(key, 0, 0);
    if (*id == -1) {
        warn("shmget %s: is the receiver running?", path);
        return NULL;
    }
    void *attached = shmat(*id, NULL, 0);
    if ((intptr_t)attached == -1) {
        warn("shmat");
        return NULL;
    }
    if (segment_is(*id, attached, magic, size))
        return attached;
    warnx("%s: its segment is for another program", path);
    return NULL;
}

// True if a process besides this one has the segment attached. The kernel
// detaches a process that ends, however it ends.
static inline bool segment_peer_attached(int id)
{
    struct shmid_ds about;

    return shmctl(id, IPC_STAT, &about) == 0 && about.shm_nattch > 1;
}

#endif
