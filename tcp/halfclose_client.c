/*
 * tcp/halfclose_client.c -- ask which of the readings is the coldest.
 *
 * Shows:   shutdown(SHUT_WR) sends a FIN, which says "that was all", and leaves
 *          the other direction open. close gives both directions up at once.
 *          --close: ends the question that way. The answer cannot be read
 *
 * Run:     start tcp/halfclose_server.c first; its header has both commands
 *
 * Prints:  asked for the coldest of 60 readings
 *          oslo #50 -3.3 C
 *
 * Read:    send(2), shutdown(2), close(2), recv(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "sockets.h"

int main(int argc, char *argv[])
{
    program_start();
    int close_at_once = 0;
    const struct option flags[] = {
        {"close", no_argument, &close_at_once, 1},
        {0},
    };
    long count;
    if (!parse_flags(argc, argv, flags) || argc - optind != 3 ||
        !is_port(argv[optind + 1]) ||
        !parse_long(argv[optind + 2], 1, 1000000, &count))
        return usage(argc, argv,
                     "halfclose_client [--close] ADDRESS PORT COUNT");

    int connection = tcp_connect(argv[optind], argv[optind + 1]);
    if (connection == -1)
        return 1;

    struct reading_wire wire;
    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        struct reading r = reading_sample(seq);
        wire = reading_encode(&r);
        if (send(connection, &wire, sizeof wire, MSG_NOSIGNAL) == -1)
            err(1, "send");
    }
    printf("asked for the coldest of %ld readings\n", count);

    if (close_at_once)
        close(connection);
    else if (shutdown(connection, SHUT_WR) == -1)
        err(1, "shutdown");

    ssize_t n = recv(connection, &wire, sizeof wire, MSG_WAITALL);
    if (n == -1)
        err(1, "read the answer");
    if (n == 0)
        errx(1, "end of file, and no answer");
    uint32_t arrived = 0;
    reading_report(&wire, (size_t)n, &arrived);
    close(connection);
    return arrived == 1 ? 0 : 1;
}
