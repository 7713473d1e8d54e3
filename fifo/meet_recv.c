/*
 * fifo/meet_recv.c -- opening a FIFO is a meeting: who waits for whom?
 *
 * Shows:   open waits until the other end is opened too, whichever end that is
 *          and whoever comes first. With O_NONBLOCK a reader gets in, and
 *          reads the end of the file; a writer is turned away with ENXIO.
 *          The lines of both ends, sorted, are the timeline.
 *
 * Run:     terminal 1 $ build/fifo/meet_recv there back
 *          terminal 2 $ build/fifo/meet_send there back
 *
 * Prints:  ready on there and back
 *          <clock>  open there to read ...
 *          <clock>  met on there
 *          <clock>  open back to write ...
 *          <clock>  met on back
 *          <clock>  end of file: the sender has left
 *          <clock>  O_NONBLOCK, to read: in, and read returns 0
 *          <clock>  O_NONBLOCK, to write: No such device or address
 *
 * Read:    fifo(7), mkfifo(3), open(2), read(2), clock_gettime(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../common/ending.h"
#include "../common/program.h"
#include "fifo.h"

#define LIMIT 2 // seconds that a sender may let us wait, once it has come

static char **paths; // two of them; here for the signal handler

static void remove_names(void)
{
    fifo_remove(paths[0]);
    fifo_remove(paths[1]);
}

static void remove_names_and_end(int number)
{
    remove_names();
    end_by(number);
}

// Begin a line with the time of day: a clock that both ends have.
static void print_clock(void)
{
    struct timespec now;
    char clock[16];

    clock_gettime(CLOCK_REALTIME, &now);
    strftime(clock, sizeof clock, "%T", localtime(&now.tv_sec));
    printf("%s.%06ld  ", clock, now.tv_nsec / 1000);
}

// Open one end, within that many seconds; 0 is as long as it takes.
static int meet(const char *path, int flags, int seconds)
{
    int end;

    print_clock();
    printf("open %s to %s ...\n", path, flags == O_RDONLY ? "read" : "write");
    start_alarm_ticks(1);
    do
        end = open(path, flags); // anew each second, as in basic_recv
    while (end == -1 && errno == EINTR && --seconds != 0);
    if (end == -1 && errno == EINTR)
        errx(1, "waited %d s for somebody to open %s to %s", LIMIT, path,
             flags == O_RDONLY ? "write" : "read");
    if (end == -1)
        err(1, "open %s", path);
    start_alarm_ticks(0);
    print_clock();
    printf("met on %s\n", path);
    return end;
}

int main(int argc, char *argv[])
{
    program_start();
    int swapped = false;
    const struct option flags[] = {
        {"swapped", no_argument, &swapped, true},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 2)
        return usage(argc, argv, "meet_recv [--swapped] THERE BACK");
    paths = &argv[optind];
    const char *there = paths[0], *back = paths[1];

    before_ending(remove_names_and_end);
    atexit(remove_names);
    for (int i = 0; i < 2; i++)
        if (mkfifo(paths[i], 0600) == -1 &&
            !(errno == EEXIST && fifo_is_ours(paths[i])))
            err(1, "mkfifo %s", paths[i]);

    printf("ready on %s and %s\n", there, back);

    int in, out;
    if (swapped) { // we wait on one, and the sender waits on the other
        out = meet(back, O_WRONLY, LIMIT);
        in = meet(there, O_RDONLY, LIMIT);
    } else {
        in = meet(there, O_RDONLY, 0);
        out = meet(back, O_WRONLY, LIMIT);
    }

    char byte;
    ssize_t n;
    do
        n = read(in, &byte, 1); // nothing is sent in this lesson
    while (n > 0);
    if (n == -1)
        err(1, "read %s", there);
    print_clock();
    printf("end of file: the sender has left\n");
    close(in);
    close(out);

    in = open(there, O_RDONLY | O_NONBLOCK);
    if (in == -1)
        err(1, "open %s", there);
    n = read(in, &byte, 1);
    print_clock();
    printf("O_NONBLOCK, to read: in, and read returns %zd\n", n);

    out = open(back, O_WRONLY | O_NONBLOCK);
    print_clock();
    printf("O_NONBLOCK, to write: %s\n", out == -1 ? strerror(errno) : "in");
    return 0;
}
