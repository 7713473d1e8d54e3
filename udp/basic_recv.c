/*
 * udp/basic_recv.c -- receive weather readings, one to a datagram.
 *
 * Shows:   A receiver binds an address that its senders know. Each recvfrom
 *          then takes exactly one datagram, and says who sent it.
 *
 * Run:     terminal 1 $ build/udp/basic_recv 127.0.0.1 9400
 *          terminal 2 $ build/udp/basic_send 127.0.0.1 9400 3
 *
 * Prints:  ready on 127.0.0.1:9400
 *          127.0.0.1: oslo #1 -3.2 C
 *          127.0.0.1: oslo #2 -3.1 C
 *          127.0.0.1: oslo #3 -3.0 C
 *          127.0.0.1: 3 of 3 readings arrived
 *
 * Read:    udp(7), ip(7), ipv6(7), getaddrinfo(3), socket(2), bind(2),
 *          recvfrom(2), getnameinfo(3)
 */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "datagram_socket.h"

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc != 3 || !is_port(argv[2]))
        return usage(argc, argv, "basic_recv ADDRESS PORT");

    // Step 1: look up the address and the port
    const struct addrinfo hints = {
        .ai_socktype = SOCK_DGRAM,
        .ai_flags = AI_PASSIVE, // to bind; port 0: the kernel chooses one
    };
    struct addrinfo *here;
    int error = getaddrinfo(argv[1], argv[2], &hints, &here);
    if (error != 0)
        errx(1, "%s port %s: %s", argv[1], argv[2], gai_strerror(error));

    // Step 2: make a socket of that address, and say ready
    int sock = socket(here->ai_family, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    if (bind(sock, here->ai_addr, here->ai_addrlen) == -1)
        err(1, "bind %s port %s%s", argv[1], argv[2], bind_advice(errno));
    freeaddrinfo(here);
    program_ready("ready on %s\n", address_bound(sock).text);

    // Step 3: receive until END; after the first, wait for each a limited time
    if (set_recv_timeout_after_first(sock) == -1)
        err(1, "recv");
    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        struct reading_wire wire;
        struct sockaddr_storage from; // big enough for either family
        socklen_t from_len = sizeof from;

        // MSG_TRUNC: n is the datagram's own size, even if it did not fit.
        ssize_t n = recvfrom(sock, &wire, sizeof wire, MSG_TRUNC,
                             (struct sockaddr *)&from, &from_len);
        if (n == -1 && errno == EINTR)
            continue; // Ctrl-Z, and then fg
        if (n == -1 && errno == EAGAIN)
            errx(1, "nothing came for %d s: END must be lost", RECV_TIMEOUT_S);
        if (n == -1)
            err(1, "recvfrom");

        char sender[NI_MAXHOST];
        getnameinfo((struct sockaddr *)&from, from_len, sender, sizeof sender,
                    NULL, 0, NI_NUMERICHOST);
        printf("%s: ", sender);
        more = reading_report(&wire, (size_t)n, &arrived);
    }
    close(sock);
    return 0;
}
