/*
 * shm/posix.h -- the object that posix_recv and posix_send share.
 */
#ifndef SHM_POSIX_H
#define SHM_POSIX_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "slot.h"

struct posix_object {
    sem_t empty, full; // whose turn it is: one is 1, or both are 0
    struct reading_slot slot;
};

// The object is a file, so parts of it can be locked, see fcntl(2): each end
// has one byte of it, and the kernel releases the lock of a process that ends.
enum posix_role { POSIX_RECEIVER, POSIX_SENDER };

static inline bool posix_take_role(int fd, enum posix_role role)
{
    struct flock lock = {.l_type = F_WRLCK, .l_start = role, .l_len = 1};

    return fcntl(fd, F_SETLK, &lock) == 0;
}

// The process that has the role, or 0. Never the caller itself.
static inline pid_t posix_role_holder(int fd, enum posix_role role)
{
    struct flock lock = {.l_type = F_WRLCK, .l_start = role, .l_len = 1};

    if (fcntl(fd, F_GETLK, &lock) == -1 || lock.l_type == F_UNLCK)
        return 0;
    return lock.l_pid;
}

// Remove the object that a killed receiver left. False, with the reason on
// stderr, if it is in use, or another user's. To be called with the key file
// locked.
static inline bool posix_clear(const char *name)
{
    struct stat about;
    int old = shm_open(name, O_RDWR, 0);
    if (old == -1 && errno == ENOENT)
        return true;
    if (old == -1) {
        warn("%s", name);
        return false;
    }

    if (fstat(old, &about) == -1) {
        warn("fstat %s", name);
        close(old);
        return false;
    }
    pid_t user = posix_role_holder(old, POSIX_RECEIVER);
    close(old);
    if (user != 0) {
        warnx("%s: in use by process %d", name, (int)user);
        return false;
    }
    if (about.st_uid != geteuid()) {
        warnx("%s: is another user's, see /dev/shm", name);
        return false;
    }
    return shm_unlink(name) == 0 || errno == ENOENT;
}

// Lower it; false if it stays 0 for a tenth of a second. sem_timedwait takes a
// time of day, not a duration.
static inline bool posix_wait(sem_t *semaphore)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 100000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    return sem_timedwait(semaphore, &until) == 0;
}

#endif
