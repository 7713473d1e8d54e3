/*
 * tcp/serial_server.c -- serve one client after the other.
 *
 * Shows:   The shortest server there is. While it serves one client, the others
 *          are connected already, and wait in the accept queue: the kernel has
 *          completed their handshake, and keeps what they send.
 *
 * Run:     terminal 1 $ build/tcp/serial_server --clients 2 127.0.0.1 9400
 *          terminal 2 $ build/tcp/client --clients 2 127.0.0.1 9400 3
 *
 * Prints:  ready on 127.0.0.1:9400
 *          client 1 from 127.0.0.1:<port>
 *          client 1 sent END
 *          client 2 from 127.0.0.1:<port>
 *          client 2 sent END
 *
 * Read:    tcp(7), accept(2), close(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
#include "service.h"
#include "sockets.h"

int main(int argc, char *argv[])
{
    program_start();
    long clients = LONG_MAX;
    if (!parse_clients(argc, argv, &clients))
        return usage(argc, argv, "serial_server [--clients N] ADDRESS PORT");

    int listener = tcp_listen(argv[optind], argv[optind + 1], SOMAXCONN);
    if (listener == -1)
        return 1;
    signal(SIGPIPE, SIG_IGN); // a client that closes must not end the server
    program_ready("ready on %s\n", address_bound(listener).text);

    long number = 0;
    while (number < clients) {
        struct sockaddr_storage there = {0};
        socklen_t length = sizeof there;
        int connection = accept(listener, (struct sockaddr *)&there, &length);
        if (connection == -1 && accept_again())
            continue;
        if (connection == -1)
            err(1, "accept");
        printf("client %ld from %s\n", ++number, address_text(&there).text);

        bool complete = serve(connection);
        printf("client %ld %s\n", number,
               complete ? "sent END" : "left without");
        close(connection);
    }
    return 0;
}
