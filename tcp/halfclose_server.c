/*
 * tcp/halfclose_server.c -- read a question to its end, then answer it.
 *
 * Shows:   Nothing in the question says how many readings it has: it ends where
 *          the client shuts down its half of the connection, and the server
 *          sees end of file. The other half is still open, for the answer.
 *
 * Run:     terminal 1 $ build/tcp/halfclose_server 127.0.0.1 9400
 *          terminal 2 $ build/tcp/halfclose_client 127.0.0.1 9400 60
 *
 * Prints:  ready on 127.0.0.1:9400
 *          end of the question: 60 readings
 *          answered
 *
 * Read:    recv(2), send(2), poll(2), tcp(7)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "sockets.h"

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc - optind != 2 ||
        !is_port(argv[optind + 1]))
        return usage(argc, argv, "halfclose_server ADDRESS PORT");

    int connection = tcp_accept_one(argv[optind], argv[optind + 1]);
    if (connection == -1)
        return 1;

    struct reading coldest = {.kind = READING_END, .tenths = INT16_MAX};
    struct reading_wire wire;
    uint32_t count = 0;
    ssize_t n;
    while ((n = recv(connection, &wire, sizeof wire, MSG_WAITALL)) > 0) {
        struct reading r;
        if (!reading_decode(&r, &wire, (size_t)n))
            errx(1, "not a reading: the client speaks another protocol");
        if (r.tenths < coldest.tenths)
            coldest = r;
        count++;
    }
    if (n == -1)
        err(1, "recv");
    printf("end of the question: %" PRIu32 " readings\n", count);

    wire = reading_encode(&coldest);
    if (send(connection, &wire, sizeof wire, MSG_NOSIGNAL) == -1)
        err(1, "send");

    // The answer is in the send buffer, no more. If no process can read it any
    // more, the other kernel answers it with a reset, which would come now.
    struct pollfd reset = {.fd = connection, .events = 0};
    if (poll(&reset, 1, 200) == 1)
        errx(1, "a reset came back: the client has closed both halves");
    printf("answered\n");
    close(connection);
    return 0;
}
