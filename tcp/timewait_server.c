/*
 * tcp/timewait_server.c -- a server that closes first, and is restarted.
 *
 * Shows:   The end that closes first keeps the connection for 60 s more, in
 *          TIME_WAIT, to answer what arrives late. Until then its port cannot
 *          be bound, unless SO_REUSEADDR was set by the new server, and by the
 *          old one too, before it listened.
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
 * Read:    tcp(7), socket(7), setsockopt(2), bind(2), shutdown(2), accept(2)
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/address.h"
#include "port_state.h"

// The address to bind; false after a line on stderr.
static bool find_one(const char *host, const char *port,
                     struct sockaddr_storage *here)
{
    struct addrinfo *found;
    int error = address_find(host, port, SOCK_STREAM, AI_PASSIVE, &found);
    if (error != 0) {
        warnx("%s port %s: %s", host, port, gai_strerror(error));
        return false;
    }
    *here = (struct sockaddr_storage){0};
    memcpy(here, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return true;
}

// As server programs begin. -1 and errno if bind fails.
static int start_server(const struct sockaddr_storage *here, bool reuse)
{
    int listener = socket(here->ss_family, SOCK_STREAM, 0);
    if (listener == -1)
        err(1, "socket");

    const int on = 1;
    if (reuse &&
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        err(1, "setsockopt");
    if (bind(listener, (const struct sockaddr *)here, sizeof *here) == -1)
        return -1;
    if (listen(listener, 1) == -1)
        err(1, "listen");
    return listener;
}

// The server closes its half first, then waits until the client has closed.
static void close_first(int connection)
{
    char rest[64];
    ssize_t n;

    if (shutdown(connection, SHUT_WR) == -1)
        err(1, "shutdown");
    do
        n = read(connection, rest, sizeof rest);
    while (n > 0);
    if (n == -1)
        err(1, "read");
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
    struct sockaddr_storage here = {0}, there = {0};
    socklen_t here_len = sizeof here, there_len = sizeof there;
    if (argc - optind != 2 || !is_port(argv[optind + 1]))
        return usage(argc, argv, synopsis);
    if (!find_one(argv[optind], argv[optind + 1], &here))
        return 1;

    int listener = start_server(&here, old_reuses);
    if (listener == -1)
        err(1, "bind%s", bind_advice(errno));
    if (getsockname(listener, (struct sockaddr *)&here, &here_len) == -1)
        err(1, "getsockname"); // the port may have been 0
    program_ready("ready on %s\n", address_text(&here).text);

    int connection = accept(listener, (struct sockaddr *)&there, &there_len);
    if (connection == -1)
        err(1, "accept");
    close_first(connection);
    close(listener);
    printf("closed first, the client closed second\n");
    printf("port %u is in %s towards port %u\n", port_of(&here),
           tcp_state_name(tcp_state_find(&here, &there)), port_of(&there));

    listener = start_server(&here, new_reuses); // at once, as if by hand
    int error = errno;
    if (listener != -1) {
        printf("restarted on %s\n", address_bound(listener).text);
        close(listener);
    }
    tcp_end_time_wait(&here, &there); // for the next experiment
    errno = error;
    if (listener == -1)
        err(1, "restart: bind");
    return 0;
}
