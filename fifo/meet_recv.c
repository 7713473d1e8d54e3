/*
 * fifo/meet_recv.c -- open waits for the other end: which one waits for which?
 *
 * Shows:   open returns when both ends have been opened: the first process
 *          waits, whether it is the reader or the writer, the second does not.
 *          Two FIFOs must be opened in one order, or both wait for ever.
 *
 * Run:     terminal 1 $ build/fifo/meet_recv there back
 *          terminal 2 $ build/fifo/meet_send there back
 *
 * Prints:  ready on there and back
 *          open there to read ...
 *          met on there after <412> ms
 *          open back to write ...
 *          met on back after <301> ms
 *          end of file: the sender has left
 *
 * Read:    fifo(7), open(2), read(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/program.h"
#include "fifo.h"

#define SENDER_TIMEOUT_S 2 // to open the second FIFO, once it has come

// Open one end, within that many seconds; 0 is without a limit.
static int meet(const char *path, int flags, int seconds)
{
    int64_t start_us = clock_us();
    int end;

    printf("open %s to %s ...\n", path, flags == O_RDONLY ? "read" : "write");
    set_alarm(1);
    do
        end = open(path, flags); // anew each second, as in basic_recv
    while (end == -1 && errno == EINTR && --seconds != 0);
    if (end == -1 && errno == EINTR)
        errx(1, "waited %d s for %s to be opened to %s", SENDER_TIMEOUT_S, path,
             flags == O_RDONLY ? "write" : "read");
    if (end == -1)
        err(1, "open %s", path);
    set_alarm(0);
    printf("met on %s after %d ms\n", path,
           (int)((clock_us() - start_us) / 1000));
    return end;
}

int main(int argc, char *argv[])
{
    program_start();
    int swapped = 0;
    const struct option flags[] = {{"swapped", no_argument, &swapped, 1}, {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 2)
        return usage(argc, argv, "meet_recv [--swapped] THERE BACK");
    const char *there = argv[optind], *back = argv[optind + 1];

    fifo_make(there);
    fifo_make(back);
    program_ready("ready on %s and %s\n", there, back);

    int in;
    if (swapped) { // we wait at one, and the sender waits at the other
        meet(back, O_WRONLY, SENDER_TIMEOUT_S);
        in = meet(there, O_RDONLY, SENDER_TIMEOUT_S);
    } else {
        in = meet(there, O_RDONLY, 0);
        meet(back, O_WRONLY, SENDER_TIMEOUT_S);
    }

    char byte; // nothing is sent in this lesson
    if (read(in, &byte, 1) == -1)
        err(1, "read %s", there);
    printf("end of file: the sender has left\n");
    if (unlink(there) == -1 || unlink(back) == -1)
        err(1, "unlink");
    return 0;
}
