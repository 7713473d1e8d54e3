/*
 * fifo/request_server.c -- answer each client in a FIFO of its own.
 *
 * Shows:   All clients may ask through one FIFO, since a short write stays
 *          whole. The answers cannot come back through one: whichever client
 *          reads first gets them. A client may be killed at any time, so the
 *          server never waits for one, and ignores SIGPIPE.
 *
 * Run:     terminal 1 $ build/fifo/request_server requests
 *          terminal 2 $ build/fifo/request_client --end requests 7
 *
 * Prints:  ready on requests
 *          client <pid> asks for #7
 *          END: 1 requests answered
 *
 * Read:    fifo(7), pipe(7), mkfifo(3), open(2), flock(2), read(2), poll(2),
 *          write(2)
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
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/program.h"
#include "fifo.h"
#include "request.h"

#define SLOW_TIMEOUT_S 10 // that --slow lets a client wait, at most

// Read the next request. What is none is skipped, a byte at a time: the request
// may begin with the next one.
static void read_request(int from, struct request *r)
{
    // Step 2: read until 16 bytes are a request
    char bytes[sizeof(struct request_wire)];
    size_t filled = 0, skipped = 0;
    while (filled < sizeof bytes || !request_decode(r, bytes)) {
        if (filled == sizeof bytes) { // none begins at the first byte
            memmove(bytes, bytes + 1, --filled);
            skipped++;
        }
        ssize_t n = read(from, bytes + filled, sizeof bytes - filled);
        if (n == -1)
            err(1, "read");
        filled += (size_t)n;
    }
    if (skipped > 0)
        printf("skipped %zu bytes: not a request\n", skipped);
}

// Answer one request; true if the client has got it. Nothing in here waits for
// the client, and nothing is opened but a FIFO of ours.
static bool answer(const char *requests, const struct request *r, bool slow)
{
    char path[PATH_MAX];
    const struct reading reading = reading_sample(r->seq);
    const struct reading_wire wire = reading_encode(&reading);

    printf("client %d asks for #%" PRIu32 "\n", r->client, r->seq);
    // Step 3: open the client's FIFO and write, if it is one, and do not wait
    if (!request_answer_path(path, sizeof path, requests, r->client) ||
        !fifo_is_ours(path)) {
        printf("client %d has no FIFO here\n", r->client);
        return false;
    }
    int out = open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
    if (out == -1) { // ENXIO: a client has its read end open before it asks
        printf("client %d does not wait: %s\n", r->client, strerror(errno));
        request_remove_leftover(path, r->client);
        return false;
    }
    if (slow) { // until POLLERR: the client has left
        struct pollfd client = {.fd = out};
        if (poll(&client, 1, SLOW_TIMEOUT_S * 1000) == -1)
            err(1, "poll");
    }
    bool sent = write(out, &wire, sizeof wire) == sizeof wire;
    if (!sent) {
        const char *why = strerror(errno);
        if (errno == EPIPE) // it had its end open, and left
            fifo_remove(path);
        printf("client %d has not got it: %s\n", r->client, why);
    }
    close(out);
    return sent;
}

int main(int argc, char *argv[])
{
    program_start();
    int slow = false, guard = true;
    const struct option flags[] = {
        {"slow", no_argument, &slow, true},
        {"no-sigpipe-guard", no_argument, &guard, false},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv,
                     "request_server [--slow] [--no-sigpipe-guard] FIFO");
    const char *requests = argv[optind];

    // Step 1: make the FIFO, open both of its ends, and say ready
    block_termination(); // until it is known whose FIFO it is
    bool made = mkfifo(requests, 0600) == 0;
    if (!made && !(errno == EEXIST && fifo_is_ours(requests)))
        err(1, "mkfifo %s", requests);
    if (made)
        fifo_unlink_at_end(requests);
    // So, neither open waits: a reader gets in, and a writer then finds a
    // reader. With a writer of our own there is no end of file.
    int in = open(requests, O_RDONLY | O_NONBLOCK);
    if (in == -1 || open(requests, O_WRONLY) == -1)
        err(1, "open %s", requests);
    if (fcntl(in, F_SETFL, 0) == -1) // read is to wait
        err(1, "fcntl");
    bool locked = flock(in, LOCK_EX | LOCK_NB) == 0; // no killed server's
    if (!locked && errno != EWOULDBLOCK)
        err(1, "flock");
    if (!locked) {
        warnx("%s: another server reads it", requests);
        _exit(1); // not exit: the FIFO is the other one's
    }
    fifo_unlink_at_end(requests);
    if (guard)
        signal(SIGPIPE, SIG_IGN); // write fails with EPIPE instead
    program_ready("ready on %s\n", requests);
    request_remove_leftovers(requests);

    // Step 4: answer requests until END, and remove the FIFO
    uint32_t answered = 0;
    struct request r;
    for (read_request(in, &r); r.kind != REQUEST_END; read_request(in, &r))
        answered += answer(requests, &r, slow || !guard);
    printf("END: %" PRIu32 " requests answered\n", answered);
    if (unlink(requests) == -1 && errno != ENOENT)
        err(1, "unlink %s", requests);
    return 0;
}
