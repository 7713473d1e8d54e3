/*
 * udp/basic_send.c -- send weather readings, one to a datagram.
 *
 * Shows:   A sender needs no bind and no connection: each sendto names its
 *          destination, and succeeds whether or not anything listens there.
 *          --raw sends the numbers as this machine keeps them in memory:
 *          then it depends on the machine what arrives.
 *
 * Run:     start udp/basic_recv.c first; its header has both commands
 *
 * Read:    udp(7), ip(7), socket(2), sendto(2)
 */
#include <err.h>
#include <netdb.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "datagram_socket.h"

int main(int argc, char *argv[])
{
    program_start();
    int raw = 0;
    const struct option flags[] = {{"raw", no_argument, &raw, 1}, {0}};
    long count;
    if (!parse_flags(argc, argv, flags) || argc - optind != 3 ||
        !is_port(argv[optind + 1]) ||
        !parse_long(argv[optind + 2], 0, 1000000, &count))
        return usage(argc, argv, "basic_send [--raw] ADDRESS PORT COUNT");

    // getaddrinfo(3), as in basic_recv.c, but not to bind.
    struct addrinfo *there = find_address(argv[optind], argv[optind + 1], 0);
    if (!there)
        return 1;
    int sock = socket(there->ai_family, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");

    // UDP has no end of file, so the protocol brings its own, END. Like any
    // other datagram it can get lost; then the receiver's time limit ends it.
    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        struct reading r = reading_or_end(seq, (uint32_t)count);
        struct reading_wire wire = reading_encode(&r);
        if (raw) {
            wire.seq = r.seq; // without htonl: the order of this machine
            wire.tenths = (uint16_t)r.tenths;
        }
        // No short count to handle: a datagram is sent whole or not at all.
        if (sendto(sock, &wire, sizeof wire, 0, there->ai_addr,
                   there->ai_addrlen) == -1)
            err(1, "sendto");
    }

    freeaddrinfo(there);
    close(sock);
    return 0;
}
