/*
 * udp/basic_send.c -- send weather readings, one to a datagram.
 *
 * Shows:   A sender needs no bind and no connection: each sendto names its
 *          destination, and succeeds whether or not anybody listens there.
 *
 * Run:     start udp/basic_recv.c first; its header has both commands
 *
 * Read:    udp(7), ip(7), socket(2), sendto(2), inet_pton(3)
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/parse.h"
#include "../common/reading.h"

static void send_reading(int sock, const struct sockaddr_in *to,
                         const struct reading *r)
{
    struct reading_wire wire = reading_encode(r);

    // No short count to handle: a datagram is sent whole or not at all.
    if (sendto(sock, &wire, sizeof wire, 0, (const struct sockaddr *)to,
               sizeof *to) == -1)
        err(1, "sendto");
}

int main(int argc, char *argv[])
{
    long port, count;
    if (argc != 4 || !parse_long(argv[2], 1, UINT16_MAX, &port) ||
        !parse_long(argv[3], 0, 1000000, &count))
        return usage(argc, argv, "basic_send ADDRESS PORT COUNT");

    struct sockaddr_in there = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
    };
    if (inet_pton(AF_INET, argv[1], &there.sin_addr) != 1)
        errx(2, "%s: not an IPv4 address", argv[1]);

    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");

    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        struct reading r = reading_sample(seq);
        send_reading(sock, &there, &r);
    }

    // UDP has no end of file, so the protocol brings its own. Like any other
    // datagram it can get lost; then the receiver waits forever.
    struct reading end = {.kind = READING_END, .seq = (uint32_t)count};
    send_reading(sock, &there, &end);

    close(sock);
    return 0;
}
