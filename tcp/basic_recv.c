/*
 * tcp/basic_recv.c -- receive weather readings over a connection.
 *
 * Shows:   The listening socket never carries a byte: accept takes a new socket
 *          from it for each connection. What comes out of that one is a stream,
 *          so a reading is complete when enough bytes have been read, and not
 *          when a read returns. End of file: the sender has closed.
 *
 * Run:     terminal 1 $ build/tcp/basic_recv 127.0.0.1 9400
 *          terminal 2 $ build/tcp/basic_send 127.0.0.1 9400 3
 *
 * Prints:  ready on 127.0.0.1:9400
 *          connection from 127.0.0.1:<port>
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          3 of 3 readings arrived
 *
 * Read:    tcp(7), getaddrinfo(3), socket(2), bind(2), listen(2), accept(2),
 *          read(2)
 */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/address.h"
#include "../common/program.h"
#include "../common/reading.h"
#include "../common/stream.h"

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 3)
        return usage(argc, argv, "basic_recv ADDRESS PORT");

    struct addrinfo *here; // its port may be 0: the kernel chooses one
    int error = address_find(argv[1], argv[2], SOCK_STREAM, AI_PASSIVE, &here);
    if (error != 0)
        errx(1, "%s port %s: %s", argv[1], argv[2], gai_strerror(error));

    int door = socket(here->ai_family, SOCK_STREAM, 0);
    if (door == -1)
        err(1, "socket");
    const int on = 1; // why, is a lesson of its own: timewait_server.c
    if (setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        err(1, "setsockopt");
    if (bind(door, here->ai_addr, here->ai_addrlen) == -1)
        err(1, "bind %s port %s", argv[1], argv[2]);
    freeaddrinfo(here);
    if (listen(door, 1) == -1) // from now on the kernel answers who calls
        err(1, "listen");

    printf("ready on %s\n", address_bound(door).text);

    struct sockaddr_storage there;
    socklen_t there_len = sizeof there;
    int connection;
    do // a signal may interrupt, a caller may have hung up: wait on
        connection = accept(door, (struct sockaddr *)&there, &there_len);
    while (connection == -1 && (errno == EINTR || errno == ECONNABORTED));
    if (connection == -1)
        err(1, "accept");
    close(door); // nobody else is expected
    printf("connection from %s\n", address_text(&there).text);

    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        struct reading_wire wire;
        ssize_t n = read_full(connection, &wire, sizeof wire);
        if (n == -1)
            err(1, "read");
        if (n == 0)
            errx(1, "end of file after %" PRIu32 " readings, END is missing",
                 arrived);
        more = reading_report(&wire, (size_t)n, &arrived);
    }

    close(connection);
    return 0;
}
