/*
 * tcp/fork_server.c -- a child for each client.
 *
 * Shows:   After fork both processes hold both sockets. The child closes the
 *          listener, the parent the connection: a socket is closed only when
 *          its last descriptor is. A parent that forks must also wait, or
 *          zombies remain. --leave-open: the parent keeps every connection, so
 *          no client sees end of file. --keep-listener: the children keep the
 *          listener, so the port stays taken when the server has ended.
 *          --zombies: no wait
 *
 * Run:     terminal 1 $ build/tcp/fork_server --clients 2 127.0.0.1 9400
 *          terminal 2 $ build/tcp/client --clients 2 127.0.0.1 9400 3
 *
 * Prints:  ready on 127.0.0.1:9400
 *          client 1 from 127.0.0.1:<port>
 *          client 2 from 127.0.0.1:<port>
 *          2 clients served, 0 rejected, 0 zombies, 0 connections open
 *
 * Read:    sigaction(2), accept(2), fork(2), close(2), waitpid(2)
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
#include "service.h"
#include "sockets.h"

static int zombies, leave_open, keep_listener;
static long clients = LONG_MAX, limit = 64;
static const struct option options[] = {
    {"clients", required_argument, NULL, 'c'}, // how many, then end
    {"limit", required_argument, NULL, 'l'},   // children at a time
    {"zombies", no_argument, &zombies, 1},
    {"leave-open", no_argument, &leave_open, 1},
    {"keep-listener", no_argument, &keep_listener, 1},
    {0},
};

// Step 2: wait for all that have ended: one signal may stand for several
static volatile sig_atomic_t reaped; // the handler adds, main only reads
static void reap(int number)
{
    int error = errno;

    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        reaped++;
    errno = error;
}

static int open_descriptors(void)
{
    int open = 0;

    for (int fd = 0; fd < 1024; fd++)
        open += fcntl(fd, F_GETFD) != -1;
    return open;
}

static bool set_option(int option, const char *text)
{
    return option == 'c' ? parse_long(text, 1, LONG_MAX, &clients)
                         : parse_long(text, 1, 10000, &limit);
}

// When the last child has ended, say what there was.
static void finish(long forked, long rejected, int descriptors_before)
{
    int unreaped = 0;
    // Step 6: wait for the children that still serve
    while (!zombies && reaped < forked)
        poll(NULL, 0, 10);
    while (zombies && wait(NULL) > 0)
        unreaped++;

    printf("%ld clients served, %ld rejected, %d zombies, "
           "%d connections open\n",
           forked, rejected, unreaped, open_descriptors() - descriptors_before);
    if (leave_open)
        poll(NULL, 0, 10000); // as a server would that goes on
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_option_values(argc, argv, options, set_option) ||
        argc - optind != 2 || !is_port(argv[optind + 1]))
        return usage(argc, argv,
                     "fork_server [--clients N] [--limit N] [--zombies]\n"
                     "                   [--leave-open] [--keep-listener] "
                     "ADDRESS PORT");

    // Step 1: listen
    int listener = tcp_listen(argv[optind], argv[optind + 1], SOMAXCONN);
    if (listener == -1)
        return 1;

    // Step 2: call reap() when a child has ended; say ready
    if (!zombies)
        sigaction(SIGCHLD, &(struct sigaction){.sa_handler = reap}, NULL);
    signal(SIGPIPE, SIG_IGN); // a client that closes must not end the server
    program_ready("ready on %s\n", address_bound(listener).text);

    const int before = open_descriptors();
    long forked = 0, rejected = 0;
    while (forked + rejected < clients) {
        int connection;
        struct sockaddr_storage there = {0};
        // Step 3: accept; a signal that interrupts does not end the server
        socklen_t length = sizeof there;
        connection = accept(listener, (struct sockaddr *)&there, &length);
        if (connection == -1 && accept_again())
            continue;
        if (connection == -1)
            err(1, "accept");

        pid_t child = -1;
        // Step 4: a child that serves; it has no use for the listener
        if (forked - reaped < limit && (child = fork()) == -1)
            warn("fork");
        if (child == 0) {
            if (!keep_listener)
                close(listener);
            _exit(!serve(connection));
        }

        if (child == -1) { // the limit, or no memory: the next may find room
            reject(connection);
            rejected++;
        } else {
            printf("client %ld from %s\n", ++forked, address_text(&there).text);
        }
        // Step 5: the child has the connection; while we do, it stays open
        if (!leave_open)
            close(connection);
    }

    finish(forked, rejected, before);
    return 0;
}
