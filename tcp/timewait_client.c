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
    close(connection);
    return 0;
}
