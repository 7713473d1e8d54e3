/*
 * tcp/pass_server.c -- accept in one process, serve in another.
 *
 * Shows:   A local socket carries descriptors (SCM_RIGHTS, see
 *          common/descriptor.h). The parent accepts, and passes each connection
 *          to a worker that was there before; what arrives is a new number for
 *          the same open connection. So the parent may close its own. A worker
 *          need not be its child: nginx, systemd and sshd hand sockets to
 *          programs this way.
 *
 * Run:     terminal 1 $ build/tcp/pass_server --clients 2 127.0.0.1 9400
 *          terminal 2 $ build/tcp/client --clients 2 127.0.0.1 9400 3
 *
 * Prints:  ready on 127.0.0.1:9400
 *          worker: client at descriptor <n>
 *          worker: client at descriptor <n>
 *          2 connections passed
 *
 * Read:    unix(7), socketpair(2), fork(2), accept(2), waitpid(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/descriptor.h"
#include "service.h"
#include "sockets.h"

static void work(int from)
{
    int connection;

    while ((connection = descriptor_receive(from)) != -1) {
        printf("worker: client at descriptor %d\n", connection);
        serve(connection);
        close(connection);
    }
    if (errno != EBADMSG) // end of file: no descriptor any more
        err(1, "recvmsg");
}

int main(int argc, char *argv[])
{
    program_start();
    long clients = LONG_MAX;
    if (!parse_clients(argc, argv, &clients))
        return usage(argc, argv, "pass_server [--clients N] ADDRESS PORT");

    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
        err(1, "socketpair");
    signal(SIGPIPE, SIG_IGN); // a client that closes must not end the worker
    pid_t worker = fork();
    if (worker == -1)
        err(1, "fork");
    if (worker == 0) {
        close(pair[1]); // or end of file would never come
        work(pair[0]);
        return 0;
    }
    close(pair[0]);

    int listener = tcp_listen(argv[optind], argv[optind + 1], SOMAXCONN);
    if (listener == -1)
        return 1;
    program_ready("ready on %s\n", address_bound(listener).text);
    for (long n = 1; n <= clients; n++) {
        int connection = accept(listener, NULL, NULL);
        if (connection == -1)
            err(1, "accept");
        if (descriptor_send(pair[1], connection) == -1)
            err(1, "sendmsg");
        close(connection); // the worker has it, or it is on its way
    }
    close(pair[1]);
    int status;
    if (waitpid(worker, &status, 0) == -1 || status != 0)
        errx(1, "the worker did not serve them all");
    printf("%ld connections passed\n", clients);
    return 0;
}
