/*
 * tcp/sockets.h -- both ways to a TCP connection, in one call each.
 *
 * What tcp/basic_recv.c and tcp/basic_send.c do step by step, for the programs
 * whose lesson comes after it. All sockets are close-on-exec.
 *
 * Define _GNU_SOURCE before the first #include: accept4.
 */
#ifndef TCP_SOCKETS_H
#define TCP_SOCKETS_H

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/address.h"

// A socket that listens on the host and port, by name or number; port 0 is any
// free one. backlog: how many connections may wait for accept. Returns a
// descriptor; -1 after a line on stderr that says why not.
static inline int tcp_listen(const char *host, const char *port, int backlog)
{
    const int on = 1;
    struct addrinfo *here;
    int error = address_find(host, port, SOCK_STREAM, AI_PASSIVE, &here);
    if (error != 0) {
        warnx("%s port %s: %s", host, port, gai_strerror(error));
        return -1;
    }

    int listener = socket(here->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener == -1 ||
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1 ||
        bind(listener, here->ai_addr, here->ai_addrlen) == -1 ||
        listen(listener, backlog) == -1) {
        warn("listen on %s port %s%s", host, port, bind_advice(errno));
        if (listener != -1)
            close(listener);
        listener = -1;
    }
    freeaddrinfo(here);
    return listener;
}

// A connection to the host and port, by name or number; where a name has
// several addresses, to the first that answers. Returns a descriptor; -1 after
// a line on stderr that says why not.
static inline int tcp_connect(const char *host, const char *port)
{
    struct addrinfo *found;
    int error = address_find(host, port, SOCK_STREAM, 0, &found);
    if (error != 0) {
        warnx("%s port %s: %s", host, port, gai_strerror(error));
        return -1;
    }

    int connection = -1;
    for (struct addrinfo *there = found; there; there = there->ai_next) {
        connection = socket(there->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connection == -1 ||
            connect(connection, there->ai_addr, there->ai_addrlen) == 0)
            break;
        error = errno;
        close(connection);
        connection = -1;
        errno = error;
    }
    if (connection == -1)
        warn("connect to %s port %s", host, port);
    freeaddrinfo(found);
    return connection;
}

// Take the next connection. Calls accept again when a signal interrupts, or
// when a client has hung up before its turn. Returns a descriptor; -1 and
// errno.
static inline int tcp_accept(int listener)
{
    int connection;

    do
        connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    while (connection == -1 && (errno == EINTR || errno == ECONNABORTED));
    return connection;
}

// Listen there, say that it is ready, and take the first connection; no other
// is accepted. Returns a descriptor; -1 after a line on stderr.
static inline int tcp_accept_one(const char *host, const char *port)
{
    int listener = tcp_listen(host, port, 1);
    if (listener == -1)
        return -1;
    program_ready("ready on %s\n", address_bound(listener).text);

    int connection = tcp_accept(listener);
    if (connection == -1)
        warn("accept");
    close(listener);
    return connection;
}

// After accept(2) has failed in a server that is to go on: whether to call it
// again. Nothing is said of a signal, or of a client that has hung up before
// its turn. What the machine has run out of (EMFILE, ENFILE, ENOMEM, ENOBUFS)
// is reported, and waited for a tenth of a second: accept would fail at once,
// again and again.
static inline bool accept_again(void)
{
    if (errno == EINTR || errno == ECONNABORTED || errno == EAGAIN)
        return true;
    if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
        return false;
    warn("accept");
    poll(NULL, 0, 100);
    return true;
}

#endif
