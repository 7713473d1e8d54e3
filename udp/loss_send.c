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
 * Read:    udp(7), send(2), recv(2), socket(7)
 */
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "datagram_socket.h"

#define END_ATTEMPTS 100 // a tenth of a second each

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
    if (!parse_flags(argc, argv, NULL) || argc != 4 || !is_port(argv[2]) ||
        !parse_long(argv[3], 0, 1000000, &count))
        return usage(argc, argv, "loss_send ADDRESS PORT COUNT");

    int sock = connected_socket(argv[1], argv[2]);
    if (sock == -1)
        return 1;
    const struct timeval limit = {.tv_usec = 100000};
    if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1)
        err(1, "SO_RCVTIMEO");

    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        struct reading r = reading_sample(seq);
        send_reading(sock, &r);
    }

    for (uint32_t attempt = 0; attempt < END_ATTEMPTS; attempt++) {
        struct reading r = {.kind = READING_END,
                            .seq = (uint32_t)count + attempt};
        struct reading_wire answer;

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
