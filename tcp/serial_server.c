/*
 * tcp/serial_server.c -- serve one client after the other.
 *
 * Shows:   The shortest server there is. While it serves one client, the others
 *          are connected already, and wait: the kernel has answered for it, and
 *          nobody reads what they send.
 *
 * Run:     terminal 1 $ build/tcp/serial_server --clients 2 127.0.0.1 9400
 *          terminal 2 $ build/tcp/client --clients 2 127.0.0.1 9400 3
 *
 * Prints:  ready on 127.0.0.1:9400
 *          client 1 from 127.0.0.1:<port>
 *          client 1 said goodbye
 *          client 2 from 127.0.0.1:<port>
 *          client 2 said goodbye
 *
 * Read:    accept(2), listen(2), tcp(7)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "../common/program.h"
#include "service.h"
#include "sockets.h"

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] = "serial_server [--clients N] ADDRESS PORT";
    const struct option options[] = {
        {"clients", required_argument, NULL, 'c'}, // so many, and end
        {0},
    };
    long clients = LONG_MAX;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option != 'c' || !parse_long(optarg, 1, LONG_MAX, &clients))
            return usage(argc, argv, synopsis);
    if (argc - optind != 2)
        return usage(argc, argv, synopsis);

    int door = listen_on(argv[optind], argv[optind + 1], SOMAXCONN);
    if (door == -1)
        return 1;
    signal(SIGPIPE, SIG_IGN); // a client that goes away is no reason to end
    printf("ready on %s\n", address_bound(door).text);

    for (long n = 1; n <= clients; n++) {
        struct sockaddr_storage there;
        int connection = accept_from(door, &there);
        if (connection == -1)
            err(1, "accept");
        printf("client %ld from %s\n", n, address_text(&there).text);

        bool goodbye = serve(connection);
        printf("client %ld %s\n", n, goodbye ? "said goodbye" : "just left");
        close(connection);
    }
    return 0;
}
