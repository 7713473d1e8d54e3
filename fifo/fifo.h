/*
 * fifo/fifo.h -- is it a FIFO, and is it ours?
 *
 * A FIFO has a name in the file system, and somebody may have that name
 * already: a FIFO that a killed program of ours left behind, which is welcome,
 * or anything else, which is not to be touched.
 */
#ifndef FIFO_FIFO_H
#define FIFO_FIFO_H

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

// Whether path itself, not what a symbolic link leads to, is a FIFO and belongs
// to the user we act for. If not, errno: EEXIST, or why lstat failed.
static inline bool fifo_is_ours(const char *path)
{
    struct stat file;

    if (lstat(path, &file) == -1)
        return false;
    errno = EEXIST;
    return S_ISFIFO(file.st_mode) && file.st_uid == geteuid();
}

// Remove the name, if it is that of a FIFO of ours. Good in a signal handler:
// signal-safety(7) lists all it calls.
static inline void fifo_remove(const char *path)
{
    if (fifo_is_ours(path))
        unlink(path);
}

// Whether this is an end of a FIFO or a pipe. Who opened a path for writing has
// to ask: a file would take the bytes as well, and lose its own.
static inline bool is_fifo(int fd)
{
    struct stat file;

    return fstat(fd, &file) == 0 && S_ISFIFO(file.st_mode);
}

#endif
