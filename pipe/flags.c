/*
 * pipe/flags.c -- two flags of pipe2(2), and what they change.
 *
 * Shows:   O_NONBLOCK: a call that would wait fails with EAGAIN. O_DIRECT: each
 *          write is a packet, and each read takes one. The third flag,
 *          O_CLOEXEC, has a lesson of its own: pipe/cloexec.c.
 *
 * Run:     $ build/pipe/flags
 *
 * Prints:  O_NONBLOCK, read of an empty pipe: Resource temporarily unavailable
 *          no flag, "one" and "two" written: reads get "onetwo"
 *          O_DIRECT, "one" and "two" written: reads get "one" "two"
 *
 * Read:    pipe(7), pipe2(2), write(2), read(2)
 */
#define _GNU_SOURCE // pipe2
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/program.h"

static void write_two_read_all(const char *name, int flags)
{
    int ends[2];
    if (pipe2(ends, flags) == -1)
        err(1, "pipe2");
    if (write(ends[1], "one", 3) == -1 || write(ends[1], "two", 3) == -1)
        err(1, "write");
    if (close(ends[1]) == -1) // end of file behind the two
        err(1, "close");

    printf("%s, \"one\" and \"two\" written: reads get", name);
    char got[8];
    ssize_t n;
    while ((n = read(ends[0], got, sizeof got)) > 0)
        printf(" \"%.*s\"", (int)n, got);
    if (n == -1)
        err(1, "read");
    putchar('\n');
    close(ends[0]);
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 1)
        return usage(argc, argv, "flags");

    int ends[2];
    if (pipe2(ends, O_NONBLOCK) == -1)
        err(1, "pipe2");
    char byte;
    if (read(ends[0], &byte, 1) != -1 || errno != EAGAIN)
        err(1, "read");
    printf("O_NONBLOCK, read of an empty pipe: %s\n", strerror(errno));
    close(ends[0]);
    close(ends[1]);

    write_two_read_all("no flag", 0);
    write_two_read_all("O_DIRECT", O_DIRECT);
    return 0;
}
