/*
 * common/atomic_file.h -- a file that gets its name when it is whole.
 *
 * O_TMPFILE makes a file without a name: if its process is killed, the kernel
 * frees it. linkat(2) gives it a name, but cannot replace a file that is there;
 * rename(2) can, atomically. So the file gets a temporary name, and then the
 * real one. Where there is no O_TMPFILE it has a temporary name from the start.
 *
 * Define _GNU_SOURCE before the first #include: O_PATH, O_TMPFILE.
 */
#ifndef COMMON_ATOMIC_FILE_H
#define COMMON_ATOMIC_FILE_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct atomic_file {
    char path[PATH_MAX]; // as it was asked for
    int folder;          // that it will be in; of a link, where that leads
    char name[PATH_MAX]; // there
    char temporary[32];
    bool is_named; // temporarily
    int file;      // open for writing; -1 before atomic_file_create
    mode_t mode;   // of what it replaces; 0: of nothing
};

// Find out where `to` is: a file, new or to be replaced, or a folder, for a
// file of the name that `from` has. Changes nothing yet. Returns 0; -1 and
// errno.
static inline int atomic_file_locate(struct atomic_file *f, const char *to,
                                     const char *from)
{
    struct stat about;
    char real[PATH_MAX];

    *f = (struct atomic_file){.folder = -1, .file = -1};
    bool into = stat(to, &about) == 0 && S_ISDIR(about.st_mode);
    const char *slash = strrchr(from, '/');
    const char *name = slash ? slash + 1 : from;
    int length = snprintf(f->path, sizeof f->path, "%s%s%s", to,
                          into ? "/" : "", into ? name : "");
    if (length >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }

    // What is there is replaced: a file, not a device; what a link leads to,
    // not the link; not what may not be written to, which rename would not
    // mind.
    if (stat(f->path, &about) == 0) {
        if (!S_ISREG(about.st_mode)) {
            errno = S_ISDIR(about.st_mode) ? EISDIR : ENOTSUP;
            return -1;
        }
        if (faccessat(AT_FDCWD, f->path, W_OK, AT_EACCESS) == -1)
            return -1;
        f->mode = about.st_mode & 07777;
    }
    if (!realpath(f->path, real))
        snprintf(real, sizeof real, "%s", f->path);

    slash = strrchr(real, '/');
    snprintf(f->name, sizeof f->name, "%s", slash ? slash + 1 : real);
    if (f->name[0] == '\0') {
        errno = ENOENT;
        return -1;
    }
    snprintf(f->temporary, sizeof f->temporary, ".atomic_file.%d",
             (int)getpid());
    real[slash ? slash - real + 1 : 0] = '\0';
    f->folder = open(slash ? real : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return f->folder == -1 ? -1 : 0;
}

// Create it, without its name. Returns 0; -1 and errno.
static inline int atomic_file_create(struct atomic_file *f)
{
    unlinkat(f->folder, f->temporary, 0); // of a process long ago
    f->file = openat(f->folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (f->file == -1 && (errno == EOPNOTSUPP || errno == EISDIR)) {
        f->is_named = true;
        f->file = openat(f->folder, f->temporary,
                         O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    }
    if (f->file == -1)
        return -1;
    return f->mode == 0 ? 0 : fchmod(f->file, f->mode);
}

// It is whole: give it its name. Returns 0; -1 and errno.
static inline int atomic_file_commit(struct atomic_file *f)
{
    char open_file[32]; // linkat by descriptor alone would need a privilege
    snprintf(open_file, sizeof open_file, "/proc/self/fd/%d", f->file);

    if (!f->is_named && linkat(AT_FDCWD, open_file, f->folder, f->temporary,
                               AT_SYMLINK_FOLLOW) == -1)
        return -1;
    int fd = f->file;
    f->file = -1;
    if (close(fd) == -1) // some file systems say only now what went wrong
        return -1;
    return renameat(f->folder, f->temporary, f->folder, f->name);
}

// It is not to be. May be called at any time after atomic_file_locate, also by
// a signal handler or another process; does nothing to a file that was kept.
static inline void atomic_file_discard(const struct atomic_file *f)
{
    unlinkat(f->folder, f->temporary, 0);
}

// The name of a file stands in its folder: put that on the disk as well, as far
// as it can be read. The one here is open as O_PATH, which cannot be synced.
static inline void atomic_file_sync_folder(int folder)
{
    int readable = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (readable == -1)
        return;
    fsync(readable);
    close(readable);
}

#endif
