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

static int raw; // --raw

static void send_reading(int sock, const struct addrinfo *to,
                         const struct reading *r)
{
    struct reading_wire wire = reading_encode(r);

    if (raw) {
        wire.seq = r->seq; // without htonl: the order of this machine
        wire.tenths = (uint16_t)r->tenths;
    }
    // No short count to handle: a datagram is sent whole or not at all.
    if (sendto(sock, &wire, sizeof wire, 0, to->ai_addr, to->ai_addrlen) == -1)
        err(1, "sendto");
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option flags[] = {{"raw", no_argument, &raw, 1}, {0}};
    bool known = parse_flags(argc, argv, flags);
    char **operands = argv + optind;
    long count;
    if (!known || argc - optind != 3 || !is_port(operands[1]) ||
        !parse_long(operands[2], 0, 1000000, &count))
        return usage(argc, argv, "basic_send [--raw] ADDRESS PORT COUNT");

    // getaddrinfo(3), as in basic_recv.c, but not to bind.
    struct addrinfo *there = find_address(operands[0], operands[1], 0);
    if (!there)
        return 1;
    int sock = socket(there->ai_family, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");

    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        struct reading r = reading_sample(seq);
        send_reading(sock, there, &r);
    }

    // UDP has no end of file, so the protocol brings its own. Like any other
    // datagram it can get lost; then the receiver's time limit ends it.
    struct reading end = {.kind = READING_END, .seq = (uint32_t)count};
    send_reading(sock, there, &end);

    freeaddrinfo(there);
    close(sock);
    return 0;
}
