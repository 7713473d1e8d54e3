/*
 * tcp/session.h -- one client of a server that blocks for none of them.
 *
 * What serve() in service.h keeps on its stack is kept here between two calls:
 * how much of a message is there, and whether it is being read or answered. The
 * next message is read when the last answer is sent, so a client that does not
 * read its answers takes 17 bytes, and no time of the others.
 */
#ifndef TCP_SESSION_H
#define TCP_SESSION_H

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "../common/clock.h"
#include "service.h"

struct session {
    int64_t last_us; // when a byte last went either way
    long sum;
    size_t done; // bytes of wire that were received, or sent
    struct reading_wire wire;
    short events; // what it waits for: POLLIN, or POLLOUT
    bool open;
};

enum session_result {
    SESSION_BLOCKED = 1, // nothing more to do before there are events
    SESSION_MOVED,       // there may be more
    SESSION_CLOSED,      // END was answered, or the client has closed
};

static inline struct session session_start(void)
{
    return (struct session){
        .open = true, .events = POLLIN, .last_us = clock_us()};
}

// Receive once, or send once; the descriptor must not block.
static inline enum session_result session_step(struct session *s, int fd)
{
    char *next = (char *)&s->wire + s->done;
    size_t left = sizeof s->wire - s->done;
    ssize_t n = s->events == POLLIN ? recv(fd, next, left, 0)
                                    : send(fd, next, left, MSG_NOSIGNAL);
    if (n == -1 && (errno == EAGAIN || errno == EINTR))
        return SESSION_BLOCKED;
    if (n <= 0)
        return SESSION_CLOSED;

    s->last_us = clock_us();
    s->done += (size_t)n;
    if (s->done < sizeof s->wire)
        return SESSION_MOVED;
    s->done = 0;
    if (s->events == POLLOUT) {
        s->events = POLLIN;
        return s->wire.kind == READING_END ? SESSION_CLOSED : SESSION_MOVED;
    }
    if (!answer_reading(&s->wire, &s->sum))
        return SESSION_CLOSED;
    s->events = POLLOUT;
    return SESSION_MOVED;
}

// Receive one message and answer it, as far as that goes without waiting.
static inline enum session_result session_serve(struct session *s, int fd)
{
    enum session_result result = session_step(s, fd);

    while (result == SESSION_MOVED && s->events == POLLOUT)
        result = session_step(s, fd);
    return result;
}

// Whether the client has been silent, or has not read, for too long.
static inline bool session_overdue(const struct session *s)
{
    return clock_us() - s->last_us > CLIENT_TIMEOUT_S * INT64_C(1000000);
}

#endif
