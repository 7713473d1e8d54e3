/*
 * pipe/resize.c -- ask for a pipe of another capacity.
 *
 * Shows:   F_SETPIPE_SZ rounds up to a page, and to a power of two of them, and
 *          returns what it has granted. It refuses less than what is in the
 *          pipe, and more than /proc/sys/fs/pipe-max-size to most processes.
 *
 * Run:     $ build/pipe/resize
 *
 * Prints:  at first: <65536>
 *          1 asked for: <4096>
 *          <4097> asked for: <8192>
 *          <65536> asked for: <65536>
 *          <4096> asked for, <8192> bytes inside: Device or resource busy
 *
 * Read:    pipe(7), pipe(2), fcntl(2), write(2)
 */
#define _GNU_SOURCE // F_SETPIPE_SZ
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/program.h"

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 1)
        return usage(argc, argv, "resize");

    int ends[2];
    if (pipe(ends) == -1)
        err(1, "pipe");
    int capacity = fcntl(ends[1], F_GETPIPE_SZ);
    if (capacity == -1)
        err(1, "fcntl F_GETPIPE_SZ");
    printf("at first: %d\n", capacity);

    long page = sysconf(_SC_PAGESIZE);
    const long sizes[] = {1, page + 1, 16 * page};
    for (int i = 0; i < 3; i++) {
        capacity = fcntl(ends[1], F_SETPIPE_SZ, (int)sizes[i]);
        if (capacity == -1)
            err(1, "fcntl F_SETPIPE_SZ");
        printf("%ld asked for: %d\n", sizes[i], capacity);
    }

    char *bytes = calloc(2, (size_t)page);
    if (!bytes)
        err(1, "calloc");
    if (write(ends[1], bytes, 2 * (size_t)page) == -1)
        err(1, "write");
    free(bytes);
    if (fcntl(ends[1], F_SETPIPE_SZ, (int)page) != -1 || errno != EBUSY)
        err(1, "fcntl F_SETPIPE_SZ");
    printf("%ld asked for, %ld bytes inside: %s\n", page, 2 * page,
           strerror(errno));
    return 0;
}
