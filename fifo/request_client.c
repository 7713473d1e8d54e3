/*
 * fifo/request_client.c -- ask in the FIFO of all clients, be answered in mine.
 *
 * Shows:   The client makes a FIFO that is named after its process id, opens
 *          it, and only then asks: the server never has to wait for it.
 *          --end tells the server to end.
 *
 * Run:     start fifo/request_server.c first; its header has both commands
 *
 * Prints:  oslo #7 -2.6 C
 *
 * Read:    fifo(7), open(2), getpid(2), write(2), poll(2), read(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "../common/program.h"
#include "fifo.h"
#include "request.h"

static char mine[PATH_MAX]; // the name of the FIFO for the answers
static long timeout_s = 2;  // --limit

static bool set_limit(int option, const char *text)
{
    (void)option;
    return parse_long(text, 1, 3600, &timeout_s);
}

// Make and open it. The server knows the name, too: it follows from our pid.
static int open_mine(const char *requests)
{
    if (!request_answer_path(mine, sizeof mine, requests, getpid()))
        errx(1, "%s: too long a name", requests);
    fifo_make(mine);
    int in = open(mine, O_RDONLY | O_NONBLOCK);
    if (in == -1 || open(mine, O_WRONLY) == -1) // see rejoin_recv
        err(1, "open %s", mine);
    return in;
}

static void await_answer(int in, uint32_t seq)
{
    struct pollfd fifo = {.fd = in, .events = POLLIN};
    struct reading_wire wire;
    struct reading r;

    for (;;) {
        int events = poll(&fifo, 1, (int)timeout_s * 1000);
        if (events == -1)
            err(1, "poll %s", mine);
        if (events == 0)
            errx(1, "no answer within %ld s", timeout_s);
        ssize_t n = read(in, &wire, sizeof wire);
        if (n == -1)
            err(1, "read %s", mine);
        if (reading_decode(&r, &wire, (size_t)n) && r.seq == seq)
            break;
        warnx("skipped %zd bytes: not the answer", n);
    }
    reading_print(&r);
}

int main(int argc, char *argv[])
{
    program_start();
    int end = 0;
    const struct option options[] = {
        {"limit", required_argument, NULL, 'l'},
        {"end", no_argument, &end, 1},
        {0},
    };
    long number;
    if (!parse_option_values(argc, argv, options, set_limit) ||
        argc - optind != 2 ||
        !parse_long(argv[optind + 1], 1, 1000000, &number))
        return usage(argc, argv,
                     "request_client [--limit SECONDS] [--end] FIFO NUMBER");
    const char *requests = argv[optind];

    signal(SIGPIPE, SIG_IGN); // write fails with EPIPE instead
    int out = open(requests, O_WRONLY | O_NONBLOCK);
    if (out == -1) // ENXIO: a FIFO without a reader
        err(1, "open %s: is the server running?", requests);
    if (!is_fifo(out))
        errx(1, "%s: not a FIFO", requests);
    int in = open_mine(requests);

    // Whole or not at all. EAGAIN: the FIFO is full of requests.
    struct request question = {REQUEST_READING, getpid(), (uint32_t)number};
    struct request_wire wire = request_encode(&question);
    if (write(out, &wire, sizeof wire) == -1)
        err(1, "write %s", requests);
    await_answer(in, question.seq);

    if (end) {
        question.kind = REQUEST_END;
        wire = request_encode(&question);
        if (write(out, &wire, sizeof wire) == -1)
            err(1, "write %s", requests);
    }
    if (unlink(mine) == -1)
        err(1, "unlink %s", mine);
    return 0;
}
