/*
 * tcp/timewait_client.c -- wait until the server closes, and close as well.
 *
 * Shows:   The end that closes second keeps nothing: its FIN is acknowledged,
 *          and the connection is gone on this side.
 *
 * Run:     start tcp/timewait_server.c first; its header has both commands
 *
 * Read:    tcp(7), read(2), close(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <poll.h>
#include <unistd.h>

#include "../common/program.h"
#include "sockets.h"

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc - optind != 2 ||
        !is_port(argv[optind + 1]))
        return usage(argc, argv, "timewait_client ADDRESS PORT");

    int connection = tcp_connect(argv[optind], argv[optind + 1]);
    if (connection == -1)
        return 1;

    char byte;
    if (read(connection, &byte, 1) == -1) // 0: the server has closed
        err(1, "read");

    // The ACK of its FIN is still on its way. If our FIN overtook it, the server
    // would get an old ACK in TIME_WAIT, answer it, and be sent a reset.
    poll(NULL, 0, 50);
    close(connection);
    return 0;
}
