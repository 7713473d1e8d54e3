/*
 * common/beneath.h -- open a path below a folder, whatever the path contains.
 *
 * A path that another user chose may be absolute, may climb out by `..`, or
 * may pass a symbolic link that leads out. Looking at it first does not help: a
 * component can be replaced between the look and the open. So the kernel checks
 * while it walks: openat2(2), Linux 5.6, RESOLVE_BENEATH.
 *
 * Define _GNU_SOURCE before the first #include: O_PATH.
 */
#ifndef COMMON_BENEATH_H
#define COMMON_BENEATH_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compat.h"

// For kernels without openat2: one component at a time, no links and no `..` at
// all, so nothing can lead out. Arguments, result and errno as open_beneath's.
static inline int open_beneath_walking(int root, const char *path, int flags,
                                       mode_t mode)
{
    if (*path == '\0' || *path == '/') {
        errno = *path == '/' ? EXDEV : ENOENT;
        return -1;
    }

    int here = root;
    while (here != -1) {
        char name[NAME_MAX + 1];
        size_t length = strcspn(path, "/");
        const char *next = path + length + strspn(path + length, "/");
        int next_flags = O_PATH | O_DIRECTORY | O_CLOEXEC; // to walk through

        if (*next == '\0') // the last one; it may end in a slash
            next_flags = flags | (path[length] == '/' ? O_DIRECTORY : 0);

        int there = -1;
        if (length > NAME_MAX) {
            errno = ENAMETOOLONG;
        } else if (length == 2 && memcmp(path, "..", 2) == 0) {
            errno = EXDEV;
        } else {
            memcpy(name, path, length);
            name[length] = '\0';
            there = openat(here, name, next_flags | O_NOFOLLOW, mode);
        }

        int error = errno;
        if (here != root)
            close(here);
        errno = error;
        if (*next == '\0')
            return there;
        here = there;
        path = next;
    }
    return -1;
}

// As openat(2), but path cannot lead out of the folder root: EXDEV. A symbolic
// link that stays inside is followed, relative ones only; where the kernel has
// no openat2 none is (ELOOP or ENOTDIR). Returns a descriptor; -1 and errno.
static inline int open_beneath(int root, const char *path, int flags,
                               mode_t mode)
{
    struct open_how how = {
        .flags = (unsigned)flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE)
        how.mode = mode; // otherwise it must be 0
#ifdef O_LARGEFILE
    if (!(flags & O_PATH))
        how.flags |= O_LARGEFILE; // as glibc's openat does
#endif

    int fd = -1;
    errno = EAGAIN; // a component was renamed meanwhile: try again
    for (int tries = 100; fd == -1 && errno == EAGAIN && tries > 0; tries--)
        fd = openat2(root, path, &how, sizeof how);
    if (fd == -1 && errno == ENOSYS)
        return open_beneath_walking(root, path, flags, mode);
    return fd;
}

// Open a regular file below root for reading, close-on-exec. Anything else is
// refused at once, without waiting for the other end of a FIFO: EISDIR, ENOTSUP
// or what open(2) says (ENXIO). Fills *about. Returns a descriptor; -1 and
// errno.
static inline int open_file_beneath(int root, const char *path,
                                    struct stat *about)
{
    int fd = open_beneath(root, path,
                          O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
    if (fd == -1)
        return -1;

    int error = 0;
    if (fstat(fd, about) == -1)
        error = errno;
    else if (!S_ISREG(about->st_mode))
        error = S_ISDIR(about->st_mode) ? EISDIR : ENOTSUP;
    if (error == 0)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

#endif
