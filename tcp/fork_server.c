/*
 * tcp/fork_server.c -- a child for each client.
 *
 * Shows:   After fork both processes hold both sockets. The child closes the
 *          one that listens, the parent the connection: it ends only when the
 *          last descriptor is closed. Who forks must wait, too, or the dead
 *          remain in the process table.
 *          --leave-open: the parent keeps every connection, so no client ever
 *          sees end of file. --zombies: it does not wait for its children
 *
 * Run:     terminal 1 $ build/tcp/fork_server --clients 2 127.0.0.1 9400
 *          terminal 2 $ build/tcp/client --clients 2 127.0.0.1 9400 3
 *
 * Prints:  ready on 127.0.0.1:9400
 *          client 1 from 127.0.0.1:<port>
 *          client 2 from 127.0.0.1:<port>
 *          2 clients served, 0 turned away, 0 zombies, 0 connections open
 *
 * Read:    fork(2), accept(2), close(2), waitpid(2), sigaction(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/program.h"
#include "children.h"
#include "service.h"
#include "sockets.h"

static volatile sig_atomic_t reaped; // only here counted, only there compared

// One signal may stand for several children: take as many as there are.
static void reap(int number)
{
    int error = errno;

    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        reaped++;
    errno = error;
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] = "fork_server [--clients N] [--limit N] "
                                   "[--zombies] [--leave-open] ADDRESS PORT";
    int zombies = 0, leave_open = 0;
    const struct option options[] = {
        {"clients", required_argument, NULL, 'c'}, // so many, and end
        {"limit", required_argument, NULL, 'l'},   // so many at a time
        {"zombies", no_argument, &zombies, 1},
        {"leave-open", no_argument, &leave_open, 1},
        {0},
    };
    long clients = LONG_MAX, limit = 64;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option == '?' ||
            (option == 'c' && !parse_long(optarg, 1, LONG_MAX, &clients)) ||
            (option == 'l' && !parse_long(optarg, 1, 10000, &limit)))
            return usage(argc, argv, synopsis);
    if (argc - optind != 2)
        return usage(argc, argv, synopsis);

    int door = listen_on(argv[optind], argv[optind + 1], SOMAXCONN);
    if (door == -1)
        return 1;
    const struct sigaction reaping = {.sa_handler = reap};
    if (!zombies)
        sigaction(SIGCHLD, &reaping, NULL);
    signal(SIGPIPE, SIG_IGN); // a client that goes away is no reason to end
    printf("ready on %s\n", address_bound(door).text);

    const int before = open_descriptors();
    long forked = 0, turned_away = 0;
    while (forked + turned_away < clients) {
        struct sockaddr_storage there;
        int connection = accept_from(door, &there);
        if (connection ==
            -1) { // EMFILE, ENFILE, ENOMEM: not the client's fault
            warn("accept");
            poll(NULL, 0, 100); // accept would fail at once, again and again
            continue;
        }

        pid_t child = -1;
        if (forked - reaped < limit) {
            child = fork();
            if (child == -1)
                warn("fork"); // and go on: the next one may find room
        }
        if (child == 0) {
            close(door); // or the port is taken as long as this child lives
            return serve(connection) ? 0 : 1;
        }
        if (child == -1) {
            turn_away(connection);
            turned_away++;
        } else {
            forked++;
            printf("client %ld from %s\n", forked, address_text(&there).text);
        }
        if (!leave_open)
            close(connection); // the child has it; while we do, it stays open
    }

    while (forked > reaped + zombie_children()) // the last ones are at work
        poll(NULL, 0, 10);
    printf("%ld clients served, %ld turned away, "
           "%d zombies, %d connections open\n",
           forked, turned_away, zombie_children(), open_descriptors() - before);
    if (leave_open)
        poll(NULL, 0, 10000); // as a server would that goes on
    return 0;
}
