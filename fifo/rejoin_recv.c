/*
 * fifo/rejoin_recv.c -- a receiver that stays while senders come and go.
 *
 * Shows:   A FIFO is at its end whenever its last writer leaves. A receiver
 *          that stays for the next one opens it for writing, too: then one
 *          writer is always left, and there is no end of file.
 *
 * Run:     terminal 1 $ build/fifo/rejoin_recv readings
 *          terminal 2 $ build/fifo/rejoin_send readings 3
 *
 * Prints:  ready on readings
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          3 of 3 readings arrived
 *
 * Read:    fifo(7), pipe(7), open(2), poll(2), read(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "fifo.h"

#define RECV_TIMEOUT_S 30

int main(int argc, char *argv[])
{
    program_start();
    int no_own_end = 0;
    const struct option flags[] = {
        {"no-own-end", no_argument, &no_own_end, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "rejoin_recv [--no-own-end] FIFO");
    const char *path = argv[optind];

    fifo_make(path);
    // O_NONBLOCK: not open but poll is to wait for a writer.
    int in = open(path, O_RDONLY | O_NONBLOCK);
    if (in == -1)
        err(1, "open %s", path);
    // Never written to. It does not have to wait: there is a reader, us.
    if (!no_own_end && open(path, O_WRONLY) == -1)
        err(1, "open %s", path);

    program_ready("ready on %s\n", path);

    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        struct pollfd fifo = {.fd = in, .events = POLLIN};
        int events = poll(&fifo, 1, RECV_TIMEOUT_S * 1000);
        if (events == -1)
            err(1, "poll %s", path);
        if (events == 0)
            errx(1, "nothing was written to %s for %d s", path, RECV_TIMEOUT_S);

        // A reading is shorter than PIPE_BUF: it was written whole, and so the
        // FIFO holds whole readings, and read gets one.
        struct reading_wire wire;
        ssize_t n = read(in, &wire, sizeof wire);
        if (n == -1 && errno != EAGAIN) // EAGAIN: another receiver was faster
            err(1, "read %s", path);
        if (n == 0)
            errx(1,
                 "end of file: the last sender has left, after %" PRIu32
                 " readings and without END",
                 arrived);
        if (n > 0)
            more = reading_report(&wire, (size_t)n, &arrived);
    }
    if (unlink(path) == -1 && errno != ENOENT)
        err(1, "unlink %s", path);
    return 0;
}
