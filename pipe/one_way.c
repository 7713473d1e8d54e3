/*
 * pipe/one_way.c -- a pipe has one direction.
 *
 * Shows:   One end can only be read from, the other only be written to: the
 *          kernel opens them so, and anything else fails with EBADF. Questions
 *          and answers take two pipes: pipe/coprocess.c.
 *
 * Run:     $ build/pipe/one_way
 *
 * Prints:  ends[0] is opened for reading, ends[1] for writing
 *          write to ends[0]: Bad file descriptor
 *          read from ends[1]: Bad file descriptor
 *
 * Read:    pipe(7), pipe(2), fcntl(2), write(2), read(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/program.h"

// How a descriptor was opened: reading, writing, or both.
static const char *access_mode(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags == -1)
        err(1, "fcntl F_GETFL");
    return (flags & O_ACCMODE) == O_RDONLY   ? "reading"
           : (flags & O_ACCMODE) == O_WRONLY ? "writing"
                                             : "both";
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 1)
        return usage(argc, argv, "one_way");

    int ends[2];
    if (pipe(ends) == -1)
        err(1, "pipe");
    printf("ends[0] is opened for %s, ends[1] for %s\n", access_mode(ends[0]),
           access_mode(ends[1]));

    char byte = '?';
    if (write(ends[0], &byte, 1) != -1 || errno != EBADF)
        err(1, "write");
    printf("write to ends[0]: %s\n", strerror(errno));
    if (read(ends[1], &byte, 1) != -1 || errno != EBADF)
        err(1, "read");
    printf("read from ends[1]: %s\n", strerror(errno));
    return 0;
}
