/*
 * pipe/basic.c -- a parent sends weather readings to its child.
 *
 * Shows:   A pipe is two descriptors: what is written to one can be read from
 *          the other, in order. fork(2) copies both, so each process closes the
 *          end that it does not use. When the last write end is closed,
 *          whichever process has it, the reader sees end of file.
 *
 * Run:     $ build/pipe/basic 3
 *
 * Prints:  oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          end of file after 3 readings
 *
 * Read:    pipe(7), pipe(2), fork(2), write(2), close(2), read(2), waitpid(2)
 */
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "../common/termination.h"

// Step 2: receive until the last write end is closed
static void receive(int from)
{
    struct reading_wire wire;
    uint32_t arrived = 0;
    ssize_t n;

    // A read waits until there is something, and takes what is there: all of a
    // reading, because so small a write arrives whole (pipe/atomic.c).
    while ((n = read(from, &wire, sizeof wire)) > 0)
        reading_report(&wire, (size_t)n, &arrived);
    if (n == -1 && errno == EINTR)
        errx(1, "waited 1 s for end of file, but a write end is open: "
                "the receiver's own");
    if (n == -1)
        err(1, "read");
    printf("end of file after %" PRIu32 " readings\n", arrived);
}

int main(int argc, char *argv[])
{
    program_start();
    int leave_open = 0;
    const struct option flags[] = {{"leave-open", no_argument, &leave_open, 1},
                                   {0}};
    long count;
    if (!parse_flags(argc, argv, flags) || argc - optind != 1 ||
        !parse_long(argv[optind], 0, 1000000, &count))
        return usage(argc, argv, "basic [--leave-open] COUNT");

    int ends[2]; // [0] to read from, [1] to write to: as 0 is stdin, 1 stdout
    // Step 1: make the pipe, before fork gives the child both of its ends
    if (pipe(ends) == -1)
        err(1, "pipe");

    pid_t child = fork(); // from here on, both processes have both ends
    if (child == -1)
        err(1, "fork");

    if (child == 0) {
        // Step 2: the child closes the end that it does not use, and receives
        if (leave_open)
            set_alarm(1); // SIGALRM: read fails with EINTR after 1 s
        else if (close(ends[1]) == -1)
            err(1, "close");
        receive(ends[0]);
        return 0;
    }

    // Step 3: the parent sends, and closes its end
    if (close(ends[0]) == -1)
        err(1, "close");
    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        struct reading r = reading_sample(seq);
        struct reading_wire wire = reading_encode(&r);
        // Waits when the pipe is full. When no read end is open any more, the
        // signal SIGPIPE ends this process here (pipe/sigpipe.c).
        if (write(ends[1], &wire, sizeof wire) == -1)
            err(1, "write");
    }
    if (close(ends[1]) == -1) // the last write end: end of file for the child
        err(1, "close");

    // Step 4: wait for the child; its status is ours
    int status;
    if (waitpid(child, &status, 0) == -1)
        err(1, "waitpid");
    if (WIFSIGNALED(status))
        errx(1, "the receiver was ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}
