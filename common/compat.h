/*
 * common/compat.h -- system calls that a C library or a kernel does not have.
 *
 * The pages use them under their own names. glibc 2.31 (Debian 11) and musl
 * lack functions, their headers lack numbers and constants; Linux 5.10 lacks
 * CLOSE_RANGE_CLOEXEC, and a sandbox may refuse whole calls. Linux 5.3 is the
 * oldest that will do: pidfd_open has no substitute.
 *
 * CPPFLAGS=-DCOMPAT_FALLBACK builds all programs as if kernel and library had
 * nothing of this. Define _GNU_SOURCE before the first #include.
 */
#ifndef COMMON_COMPAT_H
#define COMMON_COMPAT_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif
#if defined __GLIBC__ && !defined COMPAT_FALLBACK
#define COMPAT_GLIBC 1
#else
#define COMPAT_GLIBC 0
#endif

// -- constants ----------------------------------------------------------------

// The same on all machines of this suite, see the kernel's unistd.h.
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif
#ifndef MSG_COPY
#define MSG_COPY 040000
#endif
#ifndef UDP_SEGMENT // in netinet/udp.h, since glibc 2.37
#define UDP_SEGMENT 103
#define UDP_GRO 104
#endif

#if __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#else
struct open_how {
    uint64_t flags, mode, resolve;
};
#define RESOLVE_NO_MAGICLINKS 0x02
#define RESOLVE_NO_SYMLINKS 0x04
#define RESOLVE_BENEATH 0x08
#endif

// -- what no C library has, or only new ones ----------------------------------

// As pidfd_open(2): a descriptor, close-on-exec, that is readable when the
// process has ended; -1 and errno.
static inline int compat_pidfd_open(pid_t process, unsigned flags)
{
    return (int)syscall(SYS_pidfd_open, process, flags);
}

// As openat2(2). ENOSYS where the kernel has none: see beneath.h.
static inline int compat_openat2(int folder, const char *path,
                                 struct open_how *how, size_t size)
{
#ifdef COMPAT_FALLBACK
    (void)folder, (void)path, (void)how, (void)size;
    errno = ENOSYS;
    return -1;
#else
    return (int)syscall(SYS_openat2, folder, path, how, size);
#endif
}

// Of those that /proc names; there may be a billion numbers.
static inline int compat_close_range_one_by_one(unsigned first, unsigned last,
                                                int flags)
{
    DIR *open = opendir("/proc/self/fd");
    if (!open)
        return -1;
    for (struct dirent *entry; (entry = readdir(open));) {
        int fd = atoi(entry->d_name); // 0 for . and .., which are skipped
        if ((unsigned)fd < first || (unsigned)fd > last || fd == dirfd(open) ||
            entry->d_name[0] == '.')
            continue;
        if (flags & (int)CLOSE_RANGE_CLOEXEC)
            fcntl(fd, F_SETFD, FD_CLOEXEC);
        else
            close(fd);
    }
    return closedir(open);
}

// As close_range(2). -1 and errno where neither the kernel has it nor /proc is
// mounted.
static inline int compat_close_range(unsigned first, unsigned last, int flags)
{
#ifndef COMPAT_FALLBACK
    if (syscall(SYS_close_range, first, last, flags) == 0)
        return 0;
#endif
    return compat_close_range_one_by_one(first, last, flags);
}

#define pidfd_open compat_pidfd_open
#define openat2 compat_openat2
#define close_range compat_close_range

// -- what only glibc has ------------------------------------------------------

// As scandirat(3). The path must lead to something: "." for the folder itself.
static inline int
compat_scandirat(int folder, const char *path, struct dirent ***entries,
                 int (*wanted)(const struct dirent *),
                 int (*compare)(const struct dirent **, const struct dirent **))
{
#if COMPAT_GLIBC
    return scandirat(folder, path, entries, wanted, compare);
#else
    char name[40];
    int fd = openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd == -1)
        return -1;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    int count = scandir(name, entries, wanted, compare);
    int error = errno;
    close(fd);
    errno = error;
    return count;
#endif
}

// As malloc_trim(3), which returns 1 if memory went back to the system. musl
// gives it back by itself.
static inline int compat_malloc_trim(size_t pad)
{
#if COMPAT_GLIBC
    return malloc_trim(pad);
#else
    (void)pad;
    return 0;
#endif
}

#define scandirat compat_scandirat
#define malloc_trim compat_malloc_trim

#endif
