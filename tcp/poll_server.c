/*
 * tcp/poll_server.c -- one process, many clients: poll.
 *
 * Shows:   Only poll blocks: it waits for all descriptors at once, and says
 *          which are ready. A client that is slow, or that does not read, holds
 *          up no other one. What was on the stack of a child is in session.h.
 *
 * Run:     terminal 1 $ build/tcp/poll_server --clients 2 127.0.0.1 9400
 *          terminal 2 $ build/tcp/client --clients 2 127.0.0.1 9400 3
 *
 * Prints:  ready on 127.0.0.1:9400
 *          2 clients served, at most <n> at a time
 *
 * Read:    poll(2), accept4(2), close(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "../common/program.h"
#include "session.h"
#include "sockets.h"

#define SESSIONS_MAX 1000 // at a time; the others wait in the accept queue

// The first is the listener; the others are the sessions of the same number.
static struct pollfd watched[1 + SESSIONS_MAX];
static struct session sessions[1 + SESSIONS_MAX];

static nfds_t add_session(nfds_t used)
{
    int connection =
        accept4(watched[0].fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection == -1 && accept_again())
        return used;
    if (connection == -1)
        err(1, "accept");
    watched[used] = (struct pollfd){.fd = connection, .events = POLLIN};
    sessions[used] = session_start();
    return used + 1;
}

int main(int argc, char *argv[])
{
    program_start();
    long clients = LONG_MAX;
    if (!parse_clients(argc, argv, &clients))
        return usage(argc, argv, "poll_server [--clients N] ADDRESS PORT");

    watched[0].fd = tcp_listen(argv[optind], argv[optind + 1], SOMAXCONN);
    if (watched[0].fd == -1)
        return 1;
    program_ready("ready on %s\n", address_bound(watched[0].fd).text);

    nfds_t used = 1, most = 1;
    long served = 0;
    while (served < clients) {
        watched[0].events = used <= SESSIONS_MAX ? POLLIN : 0;
        if (poll(watched, used, 1000) == -1) {
            if (errno != EINTR)
                err(1, "poll");
            continue; // what is in watched is of the last time
        }
        if (watched[0].revents != 0)
            used = add_session(used);
        if (used > most)
            most = used;

        for (nfds_t i = used - 1; i > 0; i--) {
            if ((watched[i].revents != 0 &&
                 session_serve(&sessions[i], watched[i].fd) ==
                     SESSION_CLOSED) ||
                session_overdue(&sessions[i])) {
                close(watched[i].fd);
                served++;
                watched[i] = watched[--used]; // the last one takes its place
                sessions[i] = sessions[used];
            }
            watched[i].events = sessions[i].events;
        }
    }
    printf("%ld clients served, at most %ld at a time\n", served,
           (long)most - 1);
    return 0;
}
