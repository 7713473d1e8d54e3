/*
 * pipe/sigpipe.c -- a write to a pipe that has no read end any more.
 *
 * Shows:   When the last read end is closed, the kernel sends SIGPIPE to a
 *          process that writes, which ends it inside write(2). If it ignores
 *          the signal, write fails with EPIPE, and it can clean up. What the
 *          reader had left in the pipe is lost either way.
 *
 * Run:     $ build/pipe/sigpipe
 *
 * Prints:  oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          the reader leaves
 *          the writer has sent <3843> readings and then: Broken pipe
 *          the writer cleans up
 *
 * Read:    pipe(7), pipe(2), fork(2), signal(2), signal(7), write(2), close(2)
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/program.h"
#include "../common/reading.h"

int main(int argc, char *argv[])
{
    program_start();
    int by_default = 0;
    const struct option flags[] = {
        {"default", no_argument, &by_default, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || optind != argc)
        return usage(argc, argv, "sigpipe [--default]");

    int ends[2];
    if (pipe(ends) == -1)
        err(1, "pipe");

    pid_t child = fork();
    if (child == -1)
        err(1, "fork");

    if (child == 0) {             // the child writes, until it cannot
        if (close(ends[0]) == -1) // or it would wait for itself to read
            err(1, "close");
        // Set in either case: what was ignored before an exec still is.
        signal(SIGPIPE, by_default ? SIG_DFL : SIG_IGN);

        uint32_t seq = 0;
        struct reading_wire wire;
        do {
            struct reading r = reading_sample(++seq);
            wire = reading_encode(&r);
        } while (write(ends[1], &wire, sizeof wire) != -1);

        if (errno != EPIPE)
            err(1, "write");
        printf("the writer has sent %" PRIu32 " readings and then: %s\n",
               seq - 1, strerror(EPIPE));
        printf("the writer cleans up\n");
        return 0;
    }

    if (close(ends[1]) == -1) // the parent reads, but not for long
        err(1, "close");
    struct reading_wire wire;
    uint32_t arrived = 0;
    ssize_t n = 1;
    while (arrived < 3 && (n = read(ends[0], &wire, sizeof wire)) > 0)
        reading_report(&wire, (size_t)n, &arrived);
    if (n == -1)
        err(1, "read");
    printf("the reader leaves\n");
    if (close(ends[0]) == -1)
        err(1, "close");

    return child_succeeded(child, "writer") ? 0 : 1;
}
