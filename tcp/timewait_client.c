/*
 * tcp/timewait_client.c -- wait until the server closes, and close as well.
 *
 * Shows:   The end that closes second keeps nothing: its FIN is acknowledged,
 *          and the connection is gone on this side.
 *
 * Run:     start tcp/timewait_server.c first; its header has both commands
 *
 * Read:    tcp(7), socket(2), bind(2), connect(2), read(2), close(2)
 */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/address.h"
#include "../common/program.h"

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc - optind != 2 ||
        !is_port(argv[optind + 1]))
        return usage(argc, argv, "timewait_client ADDRESS PORT");
    char *host = argv[optind], *port = argv[optind + 1];

    struct addrinfo *there;
    int error = address_find(host, port, SOCK_STREAM, 0, &there);
    if (error != 0)
        errx(1, "%s port %s: %s", host, port, gai_strerror(error));

    // bind to port 0 gives a port that no other socket has; connect alone may
    // take one that has a connection to somewhere else. The server uses it once
    // more, to end its TIME_WAIT.
    struct sockaddr_storage any = {.ss_family = (sa_family_t)there->ai_family};
    int connection = socket(there->ai_family, SOCK_STREAM, 0);
    if (connection == -1)
        err(1, "socket");
    if (bind(connection, (struct sockaddr *)&any, sizeof any) == -1)
        err(1, "bind");
    if (connect(connection, there->ai_addr, there->ai_addrlen) == -1)
        err(1, "connect to %s port %s", host, port);
    freeaddrinfo(there);

    char byte;
    if (read(connection, &byte, 1) == -1) // 0: the server has closed
        err(1, "read");

    // The ACK of its FIN is still on its way. If our FIN overtook it, it would
    // reach TIME_WAIT as an old ACK, be answered, and a reset would follow.
    poll(NULL, 0, 50);
    close(connection);
    return 0;
}
