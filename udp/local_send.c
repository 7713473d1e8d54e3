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

int main(int argc, char *argv[])
{
    program_start();
    int no_wait = 0;
    const struct option flags[] = {{"no-wait", no_argument, &no_wait, 1}, {0}};
    struct local_address there;
    long count;
    if (!parse_flags(argc, argv, flags) || argc - optind != 2 ||
        !local_address(&there, argv[optind]) ||
        !parse_long(argv[optind + 1], 0, 1000000, &count))
        return usage(argc, argv, "local_send [--no-wait] PATH|@NAME COUNT");

    int sock = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    const struct timeval limit = {.tv_sec = SEND_TIMEOUT_S};
    if (setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == -1)
        err(1, "SO_SNDTIMEO");

    long lost = 0;
    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        const struct reading r = reading_or_end(seq, (uint32_t)count);
        const struct reading_wire wire = reading_encode(&r);
        const bool waits = !no_wait || r.kind == READING_END;

        ssize_t n;
        do
            n = sendto(sock, &wire, sizeof wire, waits ? 0 : MSG_DONTWAIT,
                       (const struct sockaddr *)&there.name, there.length);
        while (n == -1 && errno == EINTR); // Ctrl-Z, and then fg
        if (n == -1 && errno != EAGAIN)
            err(1, "sendto");
        if (n == -1 && waits)
            errx(1, "the queue was full for %d s", SEND_TIMEOUT_S);
        lost += n == -1;
    }

    printf("%ld of %ld readings sent\n", count - lost, count);
    close(sock);
    return 0;
}
