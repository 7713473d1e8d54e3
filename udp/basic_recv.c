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
 * Read:    udp(7), ip(7), bind(2), recvfrom(2), inet_pton(3)
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/parse.h"
#include "../common/reading.h"

int main(int argc, char *argv[])
{
    long port; // 0 lets the kernel choose one
    if (argc != 3 || !parse_long(argv[2], 0, UINT16_MAX, &port))
        return usage(argc, argv, "basic_recv ADDRESS PORT");

    struct sockaddr_in here = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
    };
    if (inet_pton(AF_INET, argv[1], &here.sin_addr) != 1)
        errx(2, "%s: not an IPv4 address", argv[1]);

    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1)
        err(1, "bind %s:%ld", argv[1], port);

    socklen_t here_len = sizeof here;
    if (getsockname(sock, (struct sockaddr *)&here, &here_len) == -1)
        err(1, "getsockname");
    setvbuf(stdout, NULL, _IOLBF, 0); // each line at once, even into a file
    printf("ready on %s:%d\n", argv[1], ntohs(here.sin_port));

    uint32_t arrived = 0;
    bool more;
    do {
        struct reading_wire wire;
        struct sockaddr_in from;
        socklen_t from_len = sizeof from;

        // MSG_TRUNC: n is the datagram's own size, even if it did not fit.
        ssize_t n = recvfrom(sock, &wire, sizeof wire, MSG_TRUNC,
                             (struct sockaddr *)&from, &from_len);
        if (n == -1)
            err(1, "recvfrom");

        char sender[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &from.sin_addr, sender, sizeof sender);
        printf("%s: ", sender);
        more = reading_report(&wire, (size_t)n, &arrived);
    } while (more);

    close(sock);
    return 0;
}
