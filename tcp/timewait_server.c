/*
 * tcp/timewait_server.c -- a server that closes first, and is restarted.
 *
 * Shows:   Whoever closes first keeps the connection for a minute more, in
 *          TIME_WAIT, to answer what is late on the way. As long, nobody else
 *          can bind its port: unless SO_REUSEADDR was set by the new server,
 *          and by the old one too, before it listened.
 *          --no-reuseaddr: neither sets it, and the restart fails;
 *          --no-reuseaddr=old, =new: only one of them leaves it out
 *
 * Run:     terminal 1 $ build/tcp/timewait_server 127.0.0.1 9400
 *          terminal 2 $ build/tcp/timewait_client 127.0.0.1 9400
 *
 * Prints:  ready on 127.0.0.1:9400
 *          closed first, the client closed second
 *          port 9400 is in TIME_WAIT towards port <port>
 *          restarted on 127.0.0.1:9400
 *
 * Read:    socket(7), setsockopt(2), bind(2), shutdown(2), tcp(7)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
#include "port_state.h"
#include "sockets.h"

// As server programs begin. -1 and errno if bind fails.
static int start_server(const struct sockaddr_storage *here, socklen_t here_len,
                        bool reuse)
{
    int door = socket(here->ss_family, SOCK_STREAM, 0);
    if (door == -1)
        err(1, "socket");

    const int on = 1;
    if (reuse &&
        setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        err(1, "setsockopt");
    if (bind(door, (const struct sockaddr *)here, here_len) == -1)
        return -1;
    if (listen(door, 1) == -1)
        err(1, "listen");
    return door;
}

// The server closes its half first, then waits until the client has closed.
static void serve_and_close_first(int connection)
{
    char rest[64];
    ssize_t n;

    if (shutdown(connection, SHUT_WR) == -1)
        err(1, "shutdown");
    do
        n = read(connection, rest, sizeof rest);
    while (n > 0);
    close(connection);
}

int main(int argc, char *argv[])
{
    program_start();
    const char *synopsis =
        "timewait_server [--no-reuseaddr[=old|=new]] ADDRESS PORT";
    const struct option options[] = {
        {"no-reuseaddr", optional_argument, NULL, 'n'},
        {0},
    };
    bool old_reuses = true, new_reuses = true;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        if (option != 'n' || (optarg && strcmp(optarg, "old") != 0 &&
                              strcmp(optarg, "new") != 0))
            return usage(argc, argv, synopsis);
        old_reuses = optarg && strcmp(optarg, "new") == 0;
        new_reuses = optarg && strcmp(optarg, "old") == 0;
    }
    if (argc - optind != 2)
        return usage(argc, argv, synopsis);

    struct addrinfo *found;
    int error = address_find(argv[optind], argv[optind + 1], SOCK_STREAM,
                             AI_PASSIVE, &found);
    if (error != 0)
        errx(1, "%s port %s: %s", argv[optind], argv[optind + 1],
             gai_strerror(error));
    struct sockaddr_storage here = {0};
    socklen_t here_len = found->ai_addrlen;
    memcpy(&here, found->ai_addr, here_len);
    freeaddrinfo(found);

    int door = start_server(&here, here_len, old_reuses);
    if (door == -1)
        err(1, "bind");
    if (getsockname(door, (struct sockaddr *)&here, &here_len) == -1)
        err(1, "getsockname"); // the port may have been 0
    printf("ready on %s\n", address_text(&here).text);

    struct sockaddr_storage there;
    int connection = accept_from(door, &there);
    if (connection == -1)
        err(1, "accept");
    serve_and_close_first(connection);
    close(door);
    printf("closed first, the client closed second\n");

    for (int tries = 0; tries < 5 && port_state_print(&here) == 0; tries++)
        ; // there is one, in a table that may be long

    door = start_server(&here, here_len, new_reuses); // at once, as if by hand
    if (door == -1)
        err(1, "restart: bind");
    printf("restarted on %s\n", address_bound(door).text);
    return 0;
}
