/*
 * pipe/splice.c -- one stream to a reader and to a file, as tee(1) does it.
 *
 * Shows:   tee(2) puts what is in one pipe into another one as well; splice(2)
 *          moves it on, here into a file. The pages are handed on inside the
 *          kernel: this process neither reads nor writes a byte.
 *
 * Run:     $ build/pipe/splice copy 3
 *
 * Prints:  oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          3 of 3 readings arrived
 *          68 bytes went to the reader, and into copy
 *
 * Read:    tee(2), splice(2), pipe(7), pipe2(2), open(2), fork(2)
 */
#define _GNU_SOURCE // pipe2, tee, splice
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/program.h"
#include "../common/reading.h"

static void send_readings(int to, uint32_t count)
{
    for (uint32_t seq = 1; seq <= count + 1; seq++) {
        struct reading r = reading_or_end(seq, count);
        struct reading_wire wire = reading_encode(&r);
        if (write(to, &wire, sizeof wire) == -1)
            err(1, "write");
    }
    exit(0);
}

static void print_readings(int from)
{
    struct reading_wire wire;
    uint32_t arrived = 0;
    bool more = true;
    ssize_t n;

    // Until end of file, not END: tee to a pipe that is not read any more ends
    // with SIGPIPE, even when there is nothing left to give to it.
    while ((n = read(from, &wire, sizeof wire)) > 0)
        more = reading_report(&wire, (size_t)n, &arrived);
    if (n == -1)
        err(1, "read");
    if (more)
        errx(1, "end of file without END, after %" PRIu32 " readings", arrived);
    exit(0);
}

// Give all that comes out of one pipe to another one and to a file. Returns the
// number of bytes.
static int64_t duplicate(int from, int to, int file)
{
    int64_t total = 0;
    ssize_t n;

    while ((n = tee(from, to, INT_MAX, 0)) > 0) // waits; 0 is end of file
        for (ssize_t moved; n > 0; n -= moved, total += moved) {
            moved = splice(from, NULL, file, NULL, (size_t)n, SPLICE_F_MOVE);
            if (moved <= 0)
                err(1, "splice");
        }
    if (n == -1)
        err(1, "tee");
    return total;
}

int main(int argc, char *argv[])
{
    program_start();
    long count;
    if (argc != 3 || !parse_flags(argc, argv, NULL) ||
        !parse_long(argv[2], 0, 1000000, &count))
        return usage(argc, argv, "splice FILE COUNT");

    setvbuf(stderr, NULL, _IOLBF, 0); // whole lines, from several processes
    int file = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file == -1)
        err(1, "open %s", argv[1]);
    int in[2], out[2]; // from the sender, to the reader
    if (pipe2(in, O_CLOEXEC) == -1)
        err(1, "pipe2");
    pid_t sender = fork();
    if (sender == -1)
        err(1, "fork");
    if (close(in[sender == 0 ? 0 : 1]) == -1) // the end that it does not use
        err(1, "close");
    if (sender == 0)
        send_readings(in[1], (uint32_t)count);

    if (pipe2(out, O_CLOEXEC) == -1)
        err(1, "pipe2");
    pid_t reader = fork();
    if (reader == -1)
        err(1, "fork");
    if (close(out[reader == 0 ? 1 : 0]) == -1)
        err(1, "close");
    if (reader == 0)
        print_readings(out[0]);

    int64_t total = duplicate(in[0], out[1], file);
    if (close(out[1]) == -1 || close(file) == -1)
        err(1, "close %s", argv[1]);
    bool ok = child_succeeded(sender, "sender");
    ok = child_succeeded(reader, "reader") && ok;
    if (ok)
        printf("%" PRId64 " bytes went to the reader, and into %s\n", total,
               argv[1]);
    return ok ? 0 : 1;
}
