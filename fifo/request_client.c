/*
 * fifo/request_client.c -- ask through everybody's FIFO, be answered in mine.
 *
 * Shows:   The client makes a FIFO that is named after its process id, opens
 *          it, and only then asks: the server never has to wait for it.
 *          --end tells the server to end.
 *
 * Run:     start fifo/request_server.c first; its header has both commands
 *
 * Prints:  oslo #7 -2.6 C
 *
 * Read:    fifo(7), open(2), mkfifo(3), getpid(2), write(2), poll(2), read(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
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
#include "request.h"

static char mine[PATH_MAX]; // the name of the FIFO for the answers

static void remove_name(void)
{
    fifo_remove(mine);
}

static void remove_name_and_end(int number)
{
    remove_name();
    end_by(number);
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] =
        "request_client [--limit SECONDS] [--end] FIFO NUMBER";
    int end = false;
    const struct option options[] = {
        {"limit", required_argument, NULL, 'l'},
        {"end", no_argument, &end, true},
        {0},
    };
    long limit = 2, number;
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option != 0 &&
            (option != 'l' || !parse_long(optarg, 1, 3600, &limit)))
            return usage(argc, argv, synopsis);
    if (argc - optind != 2 ||
        !parse_long(argv[optind + 1], 1, 1000000, &number))
        return usage(argc, argv, synopsis);
    const char *requests = argv[optind];

    signal(SIGPIPE, SIG_IGN); // write will say so
    int out = open(requests, O_WRONLY | O_NONBLOCK);
    if (out == -1) // ENXIO: a FIFO that nobody reads
        err(1, "open %s: is the server running?", requests);
    if (!is_fifo(out))
        errx(1, "%s: not a FIFO", requests);

    // The server knows this name as well: it is made from our process id.
    if (!request_answer_path(mine, sizeof mine, requests, getpid()))
        errx(1, "%s: too long a name", requests);
    before_ending(remove_name_and_end);
    if (mkfifo(mine, 0600) == -1 && !(errno == EEXIST && fifo_is_ours(mine)))
        err(1, "mkfifo %s", mine);
    atexit(remove_name);
    int in = open(mine, O_RDONLY | O_NONBLOCK);
    if (in == -1 || open(mine, O_WRONLY) == -1) // see rejoin_recv
        err(1, "open %s", mine);

    // Whole or not at all. EAGAIN: the server lets too many requests wait.
    struct request question = {REQUEST_READING, getpid(), (uint32_t)number};
    struct request_wire wire = request_encode(&question);
    if (write(out, &wire, sizeof wire) == -1)
        err(1, "write %s", requests);

    struct pollfd fifo = {.fd = in, .events = POLLIN};
    struct reading_wire answer;
    struct reading r;
    bool answered = false;
    while (!answered) {
        int events = poll(&fifo, 1, (int)limit * 1000);
        if (events == -1)
            err(1, "poll %s", mine);
        if (events == 0)
            errx(1, "no answer within %ld s", limit);
        ssize_t n = read(in, &answer, sizeof answer);
        if (n == -1)
            err(1, "read %s", mine);
        answered =
            reading_decode(&r, &answer, (size_t)n) && r.seq == question.seq;
        if (!answered)
            warnx("skipped %zd bytes: not the answer", n);
    }
    printf("%s #%" PRIu32 " %.1f C\n", r.station, r.seq, r.tenths / 10.0);

    if (end) {
        question.kind = REQUEST_END;
        wire = request_encode(&question);
        if (write(out, &wire, sizeof wire) == -1)
            err(1, "write %s", requests);
    }
    return 0;
}
