/*
 * common/pid_file.h -- one instance of a daemon, and which process it is.
 *
 * A PID file that is merely there proves nothing: its process may have been
 * killed, and the number may be another process's by now. So its process holds
 * a lock on it. The kernel drops the lock when the process ends, however it
 * ends, and says who has it: fcntl(2), F_SETLK and F_GETLK.
 *
 * Such a lock is the process's own: take it after daemon_fork. It goes with the
 * first descriptor of that file that is closed: open it nowhere else.
 *
 * Define _GNU_SOURCE before the first #include: O_PATH.
 */
#ifndef COMMON_PID_FILE_H
#define COMMON_PID_FILE_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

struct pid_file {
    int folder; // so that it can be removed after a chdir
    int file;   // locked
    const char *name;
};

// Whether the open file still has a name: its holder may have removed it.
static inline bool pid_file_is_there(int file)
{
    struct stat about;

    return fstat(file, &about) == 0 && about.st_nlink > 0;
}

// Whether it is a PID file, not some other file that must stay as it is: empty,
// or a number and a line break.
static inline bool pid_file_is_one(int file)
{
    char text[16] = "";
    struct stat about;

    if (fstat(file, &about) == -1 || !S_ISREG(about.st_mode))
        return false;
    ssize_t n = pread(file, text, sizeof text - 1, 0);
    return n == 0 || (n > 1 && strspn(text, "0123456789") == (size_t)n - 1 &&
                      text[n - 1] == '\n');
}

// Open and lock the file. As pid_file_take.
static inline pid_t pid_file_lock(struct pid_file *p)
{
    for (;;) {
        // Who may read it could lock it as well, so only its owner may.
        p->file = openat(p->folder, p->name,
                         O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                         0600);
        if (p->file == -1)
            return -1;

        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        if (fcntl(p->file, F_SETLK, &lock) == 0) {
            if (pid_file_is_there(p->file))
                return 0;
        } else {
            if (errno != EAGAIN && errno != EACCES)
                return -1;
            if (fcntl(p->file, F_GETLK, &lock) == -1)
                return -1;
            if (lock.l_type != F_UNLCK)
                return lock.l_pid;
        }
        close(p->file); // it has just been given up: once more
    }
}

// Take the file for this process and write its PID there. Returns 0; the
// process that has it already; or -1 and errno, EEXIST if there is a file that
// is no PID file. Keeps a pointer into path.
static inline pid_t pid_file_take(struct pid_file *p, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) + 1 : 0;
    char folder[PATH_MAX] = ".";
    char text[16];

    if (length >= sizeof folder) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(folder, path, length); // with its slash: "/" is a folder, too
    *p = (struct pid_file){.file = -1, .name = path + length};
    p->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (p->folder == -1)
        return -1;

    pid_t holder = pid_file_lock(p);
    if (holder == 0 && !pid_file_is_one(p->file)) {
        holder = -1;
        errno = EEXIST;
    }
    int size = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (holder == 0 && (ftruncate(p->file, 0) == -1 ||
                        write(p->file, text, (size_t)size) != size))
        holder = -1;
    if (holder != 0) {
        int error = errno;
        if (p->file != -1)
            close(p->file);
        close(p->folder);
        errno = error;
    }
    return holder;
}

// Remove the file, if its name still leads to ours; a signal handler may call
// it. The lock goes with the process.
static inline void pid_file_remove(const struct pid_file *p)
{
    struct stat ours, named;

    if (fstat(p->file, &ours) == 0 &&
        fstatat(p->folder, p->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
        named.st_ino == ours.st_ino && named.st_dev == ours.st_dev) {
        // Without the right to remove it, after privileges were dropped: an
        // empty one names no process.
        if (unlinkat(p->folder, p->name, 0) == -1 &&
            ftruncate(p->file, 0) == -1)
            return;
    }
}

#endif
