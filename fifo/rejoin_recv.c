/*
 * fifo/rejoin_recv.c -- stay, while the senders come and go.
 *
 * Shows:   A FIFO is at its end whenever its last writer leaves. Who stays for
 *          the next one opens it for writing too: then one writer is always
 *          left, and read waits.
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
 * Read:    fifo(7), pipe(7), mkfifo(3), open(2), poll(2), read(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/ending.h"
#include "../common/program.h"
#include "../common/reading.h"
#include "fifo.h"

static const char *path; // here, because a signal handler takes no arguments

static void remove_name(void)
{
    fifo_remove(path);
}

static void remove_name_and_end(int number)
{
    remove_name();
    end_by(number);
}

int main(int argc, char *argv[])
{
    program_start();
    int no_own_end = false;
    const struct option flags[] = {
        {"no-own-end", no_argument, &no_own_end, true},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "rejoin_recv [--no-own-end] FIFO");
    path = argv[optind];
    int patience = no_own_end ? 2 : 30; // seconds without a reading

    before_ending(remove_name_and_end);
    if (mkfifo(path, 0600) == -1 && !(errno == EEXIST && fifo_is_ours(path)))
        err(1, "mkfifo %s", path);
    atexit(remove_name);

    printf("ready on %s\n", path);

    int in;
    start_alarm_ticks(1);
    do
        in = open(path, O_RDONLY); // anew each second, as in basic_recv
    while (in == -1 && errno == EINTR);
    if (in == -1)
        err(1, "open %s", path);
    start_alarm_ticks(0);

    // Never written to. It does not have to wait: there is a reader, us.
    if (!no_own_end && open(path, O_WRONLY) == -1)
        err(1, "open %s", path);

    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        struct pollfd fifo = {.fd = in, .events = POLLIN};
        int events = poll(&fifo, 1, patience * 1000);
        if (events == -1)
            err(1, "poll %s", path);
        if (events == 0)
            errx(1, "nobody has written to %s for %d s", path, patience);

        // A reading is shorter than PIPE_BUF: it was written whole, and so the
        // FIFO holds whole readings, and read gets one.
        struct reading_wire wire;
        ssize_t n = read(in, &wire, sizeof wire);
        if (n == -1 && errno != EAGAIN) // EAGAIN: there was nothing after all
            err(1, "read %s", path);
        if (n > 0)
            more = reading_report(&wire, (size_t)n, &arrived);
        if (n == 0) {
            printf("end of file: the last sender has left\n");
            close(in); // what somebody has written since then is lost
            in = open(path, O_RDONLY | O_NONBLOCK); // let poll wait
            if (in == -1)
                err(1, "open %s", path);
        }
    }
    return 0;
}
