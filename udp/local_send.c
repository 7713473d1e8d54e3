/*
 * udp/local_send.c -- send readings over a local datagram socket.
 *
 * Shows:   sendto blocks while the receiver's queue is full, and fails with
 *          ECONNREFUSED when nothing is bound to the path: no reading is lost
 *          without a word. --no-wait: does not wait, and loses.
 *
 * Run:     start udp/local_recv.c first; its header has both commands
 *
 * Prints:  3 of 3 readings sent
 *
 * Read:    unix(7), socket(2), sendto(2), setsockopt(2)
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "local_address.h"

static int no_wait; // --no-wait

// Whether the reading is in the receiver's queue.
static bool send_reading(int sock, const struct local_address *to,
                         const struct reading *r, int flags)
{
    const struct reading_wire wire = reading_encode(r);

    while (sendto(sock, &wire, sizeof wire, flags,
                  (const struct sockaddr *)&to->name, to->length) == -1) {
        if (errno == EAGAIN && flags != 0)
            return false;
        if (errno == EAGAIN)
            errx(1, "the queue was full for %d s", SEND_TIMEOUT_S);
        if (errno != EINTR)
            err(1, "sendto");
    }
    return true;
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option flags[] = {{"no-wait", no_argument, &no_wait, 1}, {0}};
    bool known = parse_flags(argc, argv, flags);
    char **operands = argv + optind;
    struct local_address there;
    long count;
    if (!known || argc - optind != 2 || !local_address(&there, operands[0]) ||
        !parse_long(operands[1], 0, 1000000, &count))
        return usage(argc, argv, "local_send [--no-wait] PATH|@NAME COUNT");

    int sock = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    const struct timeval limit = {.tv_sec = SEND_TIMEOUT_S};
    if (setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == -1)
        err(1, "SO_SNDTIMEO");

    long sent = 0;
    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        const struct reading r = reading_sample(seq);
        sent += send_reading(sock, &there, &r, no_wait ? MSG_DONTWAIT : 0);
    }
    const struct reading end = {.kind = READING_END, .seq = (uint32_t)count};
    send_reading(sock, &there, &end, 0);

    printf("%ld of %ld readings sent\n", sent, count);
    close(sock);
    return 0;
}
