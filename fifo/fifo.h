/*
 * fifo/fifo.h -- make a FIFO, is it one, is it ours, and remove it at the end.
 *
 * A FIFO has a name in the file system, and there may be something of that name
 * already: a FIFO that a killed program of this user left behind, which is
 * taken over, or anything else, which is left alone.
 */
#ifndef FIFO_FIFO_H
#define FIFO_FIFO_H

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/termination.h"

// What fifo_unlink_at_end() was given: a handler has no arguments.
static const char *fifo_paths[2];

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

// Remove the name, if it is that of a FIFO of ours. Safe in a signal handler:
// signal-safety(7) lists all it calls.
static inline void fifo_remove(const char *path)
{
    if (fifo_is_ours(path))
        unlink(path);
}

static inline void fifo_remove_all(void)
{
    for (int i = 0; i < 2 && fifo_paths[i]; i++)
        fifo_remove(fifo_paths[i]);
}

// Remove this name when the process ends, by exit(3) or by a signal. For two
// names at most, which must stay in memory. Lets termination signals in.
static inline void fifo_unlink_at_end(const char *path)
{
    fifo_paths[fifo_paths[0] ? 1 : 0] = path;
    on_termination(fifo_remove_all);
}

// Make it, or take it over, and have it removed at the end, as in basic_recv.c.
// Ends the program if there is anything else of that name.
static inline void fifo_make(const char *path)
{
    block_termination(); // until it is known whose FIFO it is
    if (mkfifo(path, 0600) == -1 && !(errno == EEXIST && fifo_is_ours(path)))
        err(1, "mkfifo %s", path);
    fifo_unlink_at_end(path);
}

// Whether this is an end of a FIFO or a pipe. Whatever opens a path for writing
// has to ask: a file takes the bytes as well, and loses its own.
static inline bool is_fifo(int fd)
{
    struct stat file;

    return fstat(fd, &file) == 0 && S_ISFIFO(file.st_mode);
}

#endif
