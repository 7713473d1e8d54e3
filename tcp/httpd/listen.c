/*
 * tcp/httpd/listen.c -- the socket that connections arrive on.
 *
 * Shows:   Whatever is set on the listening socket, each connection that
 *          accept(2) returns has from its birth. Once here saves several calls
 *          for each of them.
 *
 * Read:    socket(7), tcp(7), bind(2), listen(2)
 */
#define _GNU_SOURCE // SOCK_NONBLOCK
#include "listen.h"

#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/time.h>
#include <unistd.h>

#include "../../common/address.h"

void listen_options(int s, long timeout_ms)
{
    const int on = 1;
    const struct timeval limit = {
        .tv_sec = timeout_ms / 1000,
        .tv_usec = timeout_ms % 1000 * 1000,
    };

    // Every write is a whole piece of an answer: do not wait for more of it.
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static int try(const struct addrinfo *a)
{
    const int on = 1, off = 0;

    // Step 1: a socket that listens there
    // Several processes wait here. If another is first, accept must not block.
    int s = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                   a->ai_protocol);
    if (s == -1)
        return -1;
    // Do not wait until old connections to this port are forgotten.
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // No process is woken for a client that has sent nothing: the kernel waits
    // for its first bytes, this many seconds, and saves each worker a second
    // wait.
    setsockopt(s, IPPROTO_TCP, TCP_DEFER_ACCEPT, &on, sizeof on);
    // "::" is for IPv4 as well.
    if (a->ai_family == AF_INET6)
        setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(s, a->ai_addr, a->ai_addrlen) == 0 && listen(s, SOMAXCONN) == 0)
        return s;
    close(s);
    return -1;
}

int open_listener(const char *address, const char *port, long timeout_ms)
{
    struct addrinfo *found;
    int error = address_find(address, port, SOCK_STREAM, AI_PASSIVE, &found);
    if (error != 0)
        errx(1, "%s port %s: %s", address, port, gai_strerror(error));

    int s = -1;
    for (struct addrinfo *a = found; a && s == -1; a = a->ai_next)
        s = try(a);
    if (s == -1)
        err(1, "%s port %s", address, port);
    freeaddrinfo(found);
    listen_options(s, timeout_ms);
    return s;
}

bool is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS ||
           error == ENOMEM;
}
