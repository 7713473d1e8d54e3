/*
 * tcp/basic_recv.c -- receive weather readings over a connection.
 *
 * Shows:   The listening socket never carries a byte: accept takes a new socket
 *          from it for each connection. What comes out of that one is a stream:
 *          recv returns what has arrived, or with MSG_WAITALL as much as was
 *          asked for, and less only at the end of file: the sender has closed.
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
 *          recv(2)
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

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc - optind != 2 ||
        !is_port(argv[optind + 1]))
        return usage(argc, argv, "basic_recv ADDRESS PORT");
    char *host = argv[optind], *port = argv[optind + 1];

    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE};
    struct addrinfo *here; // its port may be 0: the kernel chooses one
    int error = getaddrinfo(host, port, &hints, &here);
    if (error != 0)
        errx(1, "%s port %s: %s", host, port, gai_strerror(error));

    int listener = socket(here->ai_family, SOCK_STREAM, 0);
    if (listener == -1)
        err(1, "socket");
    const int on = 1; // why, is a lesson of its own: timewait_server.c
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        err(1, "setsockopt");
    if (bind(listener, here->ai_addr, here->ai_addrlen) == -1)
        err(1, "bind %s port %s%s", host, port, bind_advice(errno));
    freeaddrinfo(here);
    if (listen(listener, 1) == -1) // from now on the kernel answers a SYN
        err(1, "listen");
    program_ready("ready on %s\n", address_bound(listener).text);

    struct sockaddr_storage there = {0};
    socklen_t there_len = sizeof there;
    int connection = accept(listener, (struct sockaddr *)&there, &there_len);
    if (connection == -1)
        err(1, "accept");
    close(listener); // no second connection is expected
    printf("connection from %s\n", address_text(&there).text);

    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        struct reading_wire wire;
        ssize_t n = recv(connection, &wire, sizeof wire, MSG_WAITALL);
        if (n == -1)
            err(1, "recv");
        if (n == 0)
            errx(1, "end of file after %" PRIu32 " readings, END is missing",
                 arrived);
        more = reading_report(&wire, (size_t)n, &arrived);
    }

    close(connection);
    return 0;
}
