/*
 * fifo/rejoin_send.c -- open a FIFO for one reading, close it, open it again.
 *
 * Shows:   When one writer closes a FIFO, the receiver is not told, nor when
 *          one opens it again: it only sees whether any writer is left.
 *          --step waits for Enter before it joins again.
 *
 * Run:     start fifo/rejoin_recv.c first; its header has both commands
 *
 * Prints:  joined, sent #1, left
 *          joined, sent #2, left
 *          joined, sent #3, left
 *          joined, sent END, left
 *
 * Read:    fifo(7), open(2), write(2), close(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "fifo.h"

#define OPEN_TIMEOUT_S 2 // for the receiver to open its end

static void pause_between(bool until_enter)
{
    if (!until_enter)
        nanosleep(&(struct timespec){.tv_nsec = 200L * 1000 * 1000}, NULL);
    else
        for (int c = 0; c != '\n' && c != EOF;)
            c = getchar();
}

int main(int argc, char *argv[])
{
    program_start();
    int step = 0;
    const struct option flags[] = {
        {"step", no_argument, &step, 1},
        {0},
    };
    long count;
    if (!parse_flags(argc, argv, flags) || argc - optind != 2 ||
        !parse_long(argv[optind + 1], 0, 1000000, &count))
        return usage(argc, argv, "rejoin_send [--step] FIFO COUNT");
    const char *path = argv[optind];

    signal(SIGPIPE, SIG_IGN); // write fails with EPIPE instead
    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        if (seq > 1)
            pause_between(step);

        set_alarm(OPEN_TIMEOUT_S);
        int out = open(path, O_WRONLY);
        if (out == -1) {
            if (errno == EINTR)
                errx(1, "open %s: not opened for reading within %d s", path,
                     OPEN_TIMEOUT_S);
            err(1, "open %s: is the receiver running?", path);
        }
        set_alarm(0);
        if (!is_fifo(out))
            errx(1, "%s: not a FIFO", path);

        struct reading r = reading_or_end(seq, (uint32_t)count);
        struct reading_wire wire = reading_encode(&r);
        if (write(out, &wire, sizeof wire) == -1)
            err(1, "write %s", path);
        if (close(out) == -1)
            err(1, "close %s", path);

        if (r.kind == READING_END)
            printf("joined, sent END, left\n");
        else
            printf("joined, sent #%" PRIu32 ", left\n", seq);
    }
    return 0;
}
