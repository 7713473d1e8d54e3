/*
 * udp/loss_send.c -- send faster than the other end can take it.
 *
 * Shows:   Nothing holds the sender back, and nothing tells it of a loss. END
 *          must not be lost: it is sent until it is answered. Its number says
 *          how many datagrams were sent before it, earlier ENDs included, so
 *          the receiver can count what is missing exactly.
 *
 * Run:     start udp/loss_recv.c first; its header has both commands
 *
 * Read:    udp(7), connect(2), send(2), recv(2), socket(7)
 */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../common/address.h"
#include "../common/program.h"
#include "../common/reading.h"

#define TRIES 100 // a tenth of a second each

static void send_reading(int sock, const struct reading *r)
{
    struct reading_wire wire = reading_encode(r);

    if (send(sock, &wire, sizeof wire, 0) == -1)
        err(1, "send");
}

int main(int argc, char *argv[])
{
    program_start();
    long count;
    if (argc != 4 || !parse_long(argv[3], 0, 1000000, &count))
        return usage(argc, argv, "loss_send ADDRESS PORT COUNT");

    struct addrinfo *there;
    int error = address_find(argv[1], argv[2], SOCK_DGRAM, 0, &there);
    if (error != 0)
        errx(1, "%s port %s: %s", argv[1], argv[2], gai_strerror(error));

    int sock = socket(there->ai_family, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    // Connected: the answer comes from there and nobody else.
    if (connect(sock, there->ai_addr, there->ai_addrlen) == -1)
        err(1, "connect");
    freeaddrinfo(there);
    const struct timeval limit = {.tv_usec = 100000};
    if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1)
        err(1, "SO_RCVTIMEO");

    struct reading r;
    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        r = reading_sample(seq);
        send_reading(sock, &r);
    }

    for (uint32_t try = 0; try < TRIES; try++) {
        struct reading_wire answer;
        r = (struct reading){.kind = READING_END, .seq = (uint32_t)count + try};
        send_reading(sock, &r);

        ssize_t n = recv(sock, &answer, sizeof answer, MSG_TRUNC);
        if (n == -1 && errno != EAGAIN && errno != EINTR)
            err(1, "recv");
        if (n > 0 && reading_decode(&r, &answer, (size_t)n) &&
            r.kind == READING_END) {
            close(sock);
            return 0;
        }
    }
    errx(1, "END was not answered");
}
