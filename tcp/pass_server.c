/*
 * tcp/pass_server.c -- accept in one process, serve in another.
 *
 * Shows:   A local socket carries descriptors: SCM_RIGHTS. The parent accepts,
 *          and passes each connection to a worker that was there before; what
 *          arrives is a new number for the same open connection. So the parent
 *          may close its own. A worker need not be its child: nginx, systemd
 *          and sshd hand sockets to programs this way.
 *          --number: sends the bare number instead, which means nothing to
 *          another process: EBADF
 *
 * Run:     terminal 1 $ build/tcp/pass_server --clients 2 127.0.0.1 9400
 *          terminal 2 $ build/tcp/client --clients 2 127.0.0.1 9400 3
 *
 * Prints:  ready on 127.0.0.1:9400
 *          worker: client at descriptor <n>
 *          worker: client at descriptor <n>
 *          2 connections passed
 *
 * Read:    socketpair(2), fork(2), accept(2), sendmsg(2), recvmsg(2),
 *          cmsg(3), unix(7), waitpid(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/program.h"
#include "service.h"
#include "sockets.h"

static int by_number;

// The message is the bare number; the descriptor goes beside it.
static void pass(int to, int connection)
{
    struct iovec number = {&connection, sizeof connection};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
    struct msghdr message = {.msg_iov = &number, .msg_iovlen = 1};

    if (!by_number) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &connection, sizeof connection);
    }
    if (sendmsg(to, &message, MSG_NOSIGNAL) == -1)
        err(1, "sendmsg");
}

// The next connection; -1 when no more will come.
static int take(int from)
{
    int connection;
    struct iovec number = {&connection, sizeof connection};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    struct msghdr message = {.msg_iov = &number,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};

    ssize_t n;
    while ((n = recvmsg(from, &message, MSG_CMSG_CLOEXEC)) == -1)
        if (errno != EINTR)
            err(1, "recvmsg");
    if (n == 0)
        return -1;
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    if (c && c->cmsg_type == SCM_RIGHTS)
        memcpy(&connection, CMSG_DATA(c), sizeof connection);
    return connection;
}

static void work(int from)
{
    int connection;

    while ((connection = take(from)) != -1) {
        if (fcntl(connection, F_GETFD) == -1)
            warn("worker: descriptor %d", connection);
        else
            printf("worker: client at descriptor %d\n", connection);
        serve(connection);
        close(connection);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] =
        "pass_server [--clients N] [--number] ADDRESS PORT";
    const struct option options[] = {
        {"clients", required_argument, NULL, 'c'}, // how many, then end
        {"number", no_argument, &by_number, 1},
        {0},
    };
    long clients = LONG_MAX;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option == '?' ||
            (option == 'c' && !parse_long(optarg, 1, LONG_MAX, &clients)))
            return usage(argc, argv, synopsis);
    if (argc - optind != 2 || !is_port(argv[optind + 1]))
        return usage(argc, argv, synopsis);

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
        pass(pair[1], connection);
        close(connection); // the worker has it, or it is on its way
    }
    close(pair[1]);
    int status;
    if (waitpid(worker, &status, 0) == -1 || status != 0)
        errx(1, "the worker did not serve them all");
    printf("%ld connections passed\n", clients);
    return 0;
}
