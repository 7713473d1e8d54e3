/*
 * tcp/small_recv.c -- answer each reading, with an ACK that may come late.
 *
 * Shows:   An ACK costs a segment of its own unless an answer can carry it, so
 *          the kernel waits up to 40 ms for one: the delayed ACK. This receiver
 *          answers when a whole reading is there; as long as half of it is
 *          missing, the ACK of the first half is delayed.
 *          --quickack: asks for immediate ACKs, before each recv, as the kernel
 *          goes back to its own choice
 *
 * Run:     terminal 1 $ build/tcp/small_recv 127.0.0.1 9400
 *          terminal 2 $ build/tcp/small_send 127.0.0.1 9400 5
 *
 * Prints:  ready on 127.0.0.1:9400
 *          20 readings answered
 *
 * Read:    tcp(7), accept(2), recv(2), setsockopt(2), send(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "sockets.h"

#define NEXT_TIMEOUT_S 10 // for the next connection, after the first

static int quickack;

// Answer readings up to the end of file, or END. False after END.
static bool answer_all(int connection, long *answered)
{
    struct reading_wire wire;
    struct reading r;

    for (;;) {
        const int on = 1;
        if (quickack && setsockopt(connection, IPPROTO_TCP, TCP_QUICKACK, &on,
                                   sizeof on) == -1)
            err(1, "setsockopt");
        ssize_t n = recv(connection, &wire, sizeof wire, MSG_WAITALL);
        if (n == -1)
            err(1, "recv");
        if (n == 0)
            return true;
        if (!reading_decode(&r, &wire, (size_t)n))
            errx(1, "not a reading: the client speaks another protocol");
        if (r.kind == READING_END)
            return false;
        if (send(connection, &wire, sizeof wire, MSG_NOSIGNAL) == -1)
            err(1, "send");
        (*answered)++;
    }
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option flags[] = {
        {"quickack", no_argument, &quickack, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 2 ||
        !is_port(argv[optind + 1]))
        return usage(argc, argv, "small_recv [--quickack] ADDRESS PORT");

    int listener = tcp_listen(argv[optind], argv[optind + 1], 4);
    if (listener == -1)
        return 1;
    program_ready("ready on %s\n", address_bound(listener).text);

    const struct timeval timeout = {.tv_sec = NEXT_TIMEOUT_S};
    long answered = 0;
    bool more = true;
    while (more) {
        int connection = accept(listener, NULL, NULL);
        if (connection == -1)
            err(1, "no connection, and END is missing: accept");
        setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
        more = answer_all(connection, &answered);
        close(connection);
    }
    printf("%ld readings answered\n", answered);
    return 0;
}
