/*
 * tcp/halfclose_server.c -- read a question to its end, then answer it.
 *
 * Shows:   How many readings the question has, nobody says: it ends where the
 *          client shuts down its half of the connection, and the server sees
 *          end of file. The other half is still open, and takes the answer.
 *
 * Run:     terminal 1 $ build/tcp/halfclose_server 127.0.0.1 9400
 *          terminal 2 $ build/tcp/halfclose_client 127.0.0.1 9400 60
 *
 * Prints:  ready on 127.0.0.1:9400
 *          end of the question: 60 readings
 *          answered
 *
 * Read:    shutdown(2), read(2), write(2), poll(2), tcp(7)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "../common/stream.h"
#include "sockets.h"

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 3)
        return usage(argc, argv, "halfclose_server ADDRESS PORT");

    int door = listen_on(argv[1], argv[2], 1);
    if (door == -1)
        return 1;
    printf("ready on %s\n", address_bound(door).text);

    struct sockaddr_storage there;
    int connection = accept_from(door, &there);
    if (connection == -1)
        err(1, "accept");
    close(door);
    signal(SIGPIPE, SIG_IGN); // a client that is gone: an error, not the end

    struct reading coldest = {.kind = READING_END, .tenths = INT16_MAX};
    struct reading_wire wire;
    uint32_t count = 0;
    ssize_t n;
    while ((n = read_full(connection, &wire, sizeof wire)) > 0) {
        struct reading r;
        if (!reading_decode(&r, &wire, (size_t)n))
            errx(1, "not a reading: the client speaks something else");
        if (r.tenths < coldest.tenths)
            coldest = r;
        count++;
    }
    if (n == -1)
        err(1, "read");
    printf("end of the question: %" PRIu32 " readings\n", count);

    wire = reading_encode(&coldest);
    if (write_full(connection, &wire, sizeof wire) == -1)
        err(1, "write");

    // The answer is in the send buffer, no more. Where nobody can read it any
    // more, the other kernel answers it with a reset; silence is consent.
    struct pollfd reset = {.fd = connection, .events = 0};
    if (poll(&reset, 1, 200) == 1)
        errx(1, "a reset came back: the client has closed both halves");
    printf("answered\n");
    close(connection);
    return 0;
}
