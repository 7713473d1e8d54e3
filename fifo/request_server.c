/*
 * fifo/request_server.c -- answer each client in a FIFO of its own.
 *
 * Shows:   All clients may ask through one FIFO, since a short write stays
 *          whole. Through one FIFO the server could not answer them: whoever
 *          reads first gets it. And as clients die, the server waits for none
 *          of them, and does not die of SIGPIPE with them.
 *
 * Run:     terminal 1 $ build/fifo/request_server requests
 *          terminal 2 $ build/fifo/request_client --end requests 7
 *
 * Prints:  ready on requests
 *          client <pid> asks for #7
 *          END: 1 requests answered
 *
 * Read:    fifo(7), pipe(7), mkfifo(3), open(2), flock(2), poll(2), write(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/ending.h"
#include "../common/program.h"
#include "../common/reading.h"
#include "../common/stream.h"
#include "fifo.h"
#include "request.h"

#define SLOW 10 // seconds, at most, that --slow lets a client wait

static const char *requests; // here, because a handler takes no arguments

static void remove_name(void)
{
    fifo_remove(requests);
}

static void remove_name_and_end(int number)
{
    remove_name();
    end_by(number);
}

// Remove a client's FIFO, if no such client is there any more.
static void remove_if_left(const char *path, pid_t client)
{
    if (kill(client, 0) == -1 && errno == ESRCH && fifo_is_ours(path)) {
        unlink(path);
        printf("removed %s: nobody's any more\n", path);
    }
}

// The same for all clients that were killed while there was no server.
static void remove_leftovers(void)
{
    char pattern[PATH_MAX];
    glob_t found;
    long client;

    snprintf(pattern, sizeof pattern, "%s.[1-9]*", requests);
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (parse_long(strrchr(found.gl_pathv[i], '.') + 1, 1, INT_MAX,
                       &client))
            remove_if_left(found.gl_pathv[i], (pid_t)client);
    globfree(&found);
}

// Answer one request; true if the client has got it. Nothing in here waits for
// the client, and nothing but a FIFO of ours is opened, whatever has its name.
static bool answer(const struct request *r, bool slow)
{
    char path[PATH_MAX];
    const struct reading reading = reading_sample(r->seq);
    const struct reading_wire wire = reading_encode(&reading);

    printf("client %d asks for #%" PRIu32 "\n", r->client, r->seq);
    if (!request_answer_path(path, sizeof path, requests, r->client) ||
        !fifo_is_ours(path)) {
        printf("client %d has no FIFO here\n", r->client);
        return false;
    }
    int out = open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
    if (out == -1) { // ENXIO: who asks has a reader open, or is dead
        printf("client %d does not wait: %s\n", r->client, strerror(errno));
        remove_if_left(path, r->client);
        return false;
    }
    if (slow) { // until there is a POLLERR: the client has left
        struct pollfd client = {.fd = out};
        poll(&client, 1, SLOW * 1000);
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
    requests = argv[optind];

    before_ending(remove_name_and_end);
    hold_endings(SIG_BLOCK); // until it is clear whose FIFO it is
    if (mkfifo(requests, 0600) == -1 &&
        !(errno == EEXIST && fifo_is_ours(requests)))
        err(1, "mkfifo %s", requests);
    // So, no open waits: a reader gets in, and a writer then finds a reader.
    // Our own writer stays, and with it end of file never comes.
    int in = open(requests, O_RDONLY | O_NONBLOCK);
    if (in == -1 || open(requests, O_WRONLY) == -1)
        err(1, "open %s", requests);
    if (fcntl(in, F_SETFL, 0) == -1) // read is to wait
        err(1, "fcntl");
    if (flock(in, LOCK_EX | LOCK_NB) == -1) // a killed server holds no lock
        errx(1, "%s: another server reads it", requests);
    atexit(remove_name);
    hold_endings(SIG_UNBLOCK);

    if (guard)
        signal(SIGPIPE, SIG_IGN); // write fails with EPIPE instead
    printf("ready on %s\n", requests);
    remove_leftovers();

    char bytes[sizeof(struct request_wire)];
    size_t kept = 0, skipped = 0;
    uint32_t answered = 0;
    for (;;) {
        struct request r;

        if (read_full(in, bytes + kept, sizeof bytes - kept) == -1)
            err(1, "read %s", requests);
        if (!request_decode(&r, bytes)) { // perhaps it begins one byte later
            kept = sizeof bytes - 1;
            memmove(bytes, bytes + 1, kept);
            skipped++;
            continue;
        }
        kept = 0;
        if (skipped > 0)
            printf("skipped %zu bytes: not a request\n", skipped);
        skipped = 0;

        if (r.kind == REQUEST_END)
            break;
        answered += answer(&r, slow || !guard);
    }
    printf("END: %" PRIu32 " requests answered\n", answered);
    return 0;
}
