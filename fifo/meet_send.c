/*
 * fifo/meet_send.c -- come 300 ms late to a FIFO, twice, on purpose.
 *
 * Shows:   The end that is opened second does not wait at all. Two processes
 *          that open two FIFOs have to do so in one order: meet_recv --swapped
 *          does not.
 *
 * Run:     start fifo/meet_recv.c first; its header has both commands
 *
 * Prints:  comes 300 ms late
 *          open there to write ...
 *          met on there after <0> ms
 *          comes 300 ms late
 *          open back to read ...
 *          met on back after <0> ms
 *          leaves
 *
 * Read:    fifo(7), open(2), close(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/program.h"
#include "fifo.h"

#define RECEIVER_TIMEOUT_S 1

// Open one end, 300 ms late.
static int meet(const char *path, int flags)
{
    printf("comes 300 ms late\n");
    nanosleep(&(struct timespec){.tv_nsec = 300L * 1000 * 1000}, NULL);

    printf("open %s to %s ...\n", path, flags == O_RDONLY ? "read" : "write");
    int64_t start_us = clock_us();
    set_alarm(RECEIVER_TIMEOUT_S);
    int end = open(path, flags);
    if (end == -1 && errno == EINTR)
        errx(1, "waited %d s for %s to be opened to %s", RECEIVER_TIMEOUT_S,
             path, flags == O_RDONLY ? "write" : "read");
    if (end == -1)
        err(1, "open %s: is the receiver running?", path);
    set_alarm(0);
    if (!is_fifo(end))
        errx(1, "%s: not a FIFO", path);
    printf("met on %s after %d ms\n", path,
           (int)((clock_us() - start_us) / 1000));
    return end;
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 3 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "meet_send THERE BACK");
    const char *there = argv[1], *back = argv[2];

    int out = meet(there, O_WRONLY);
    int in = meet(back, O_RDONLY);

    printf("leaves\n");
    if (close(in) == -1 || close(out) == -1) // end of file for the receiver
        err(1, "close");
    return 0;
}
