/*
 * tcp/httpd/connection.c -- bytes from a client and to it, with a time limit.
 *
 * Shows:   Blocking calls that do not block for ever. SO_RCVTIMEO and
 *          SO_SNDTIMEO limit one call; a client that sends a byte now and then
 *          needs a deadline over all of them. And how to be interrupted
 *          without a race: the signal handler does not set a flag, for which
 *          read(2) may have looked just before; it shuts the socket down, and
 *          read returns.
 *
 * Read:    socket(7), poll(2), sendfile(2), shutdown(2), tcp(7)
 */
#define _GNU_SOURCE          // s6_addr32
#define _FILE_OFFSET_BITS 64 // also where a long has 32 bits
#include "connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "deadline.h"
#include "slots.h"

#define LEAST_BYTES_PER_SECOND 1024 // that a client has to take
#define STALL_TIMEOUTS 6            // how long it is watched, in time limits
#define LINGER_MS 2000              // for it to see what was sent last
#define LINGER_MAX_BYTES (64L << 20)

static volatile sig_atomic_t reading_from = -1; // a descriptor
static volatile sig_atomic_t begun;             // part of a request is there
static volatile sig_atomic_t last;     // no more requests on this connection
static volatile sig_atomic_t last_all; // nor on any other

void connection_hang_up(void)
{
    last = 1;
    if (reading_from != -1)
        shutdown(reading_from, SHUT_RD);
}

void connection_end_all(void)
{
    last_all = 1;
    if (reading_from != -1 && !begun)
        shutdown(reading_from, SHUT_RD);
}

bool connection_is_last(void)
{
    return last || last_all;
}

// The client's address as text; an IPv4 one, where it came in by IPv6, as what
// it is.
static void write_peer(struct connection *c)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } peer;
    socklen_t length = sizeof peer;

    peer.any.sa_family = AF_UNSPEC;
    c->is_socket = getpeername(c->in, &peer.any, &length) == 0;
    if (c->is_socket && peer.any.sa_family == AF_INET)
        inet_ntop(AF_INET, &peer.v4.sin_addr, c->peer, sizeof c->peer);
    else if (c->is_socket && peer.any.sa_family == AF_INET6 &&
             IN6_IS_ADDR_V4MAPPED(&peer.v6.sin6_addr))
        inet_ntop(AF_INET, &peer.v6.sin6_addr.s6_addr32[3], c->peer,
                  sizeof c->peer);
    else if (c->is_socket && peer.any.sa_family == AF_INET6)
        inet_ntop(AF_INET6, &peer.v6.sin6_addr, c->peer, sizeof c->peer);
    else
        strcpy(c->peer, "127.0.0.1"); // a pipe: a local process
}

void connection_begin(struct connection *c, const struct server *server, int in,
                      int out)
{
    c->server = server;
    c->in = in;
    c->out = out;
    c->head = c->start = c->end = 0;
    c->bytes_queued = c->bytes_acked = 0;
    c->stalled_since = 0;
    c->is_reset = false;
    c->write_error = 0;
    c->body.state = BODY_DONE;
    write_peer(c);
    last = 0;
}

enum arrival connection_await(struct connection *c)
{
    slot_set_state(STATE_READING);
    begun = 0;
    c->stalled_since = 0;
    reading_from = c->in;
    if (connection_is_last())
        return ENDED;
    if (!c->is_socket) // and so has no time limit of its own
        return connection_read(c, now_ms() + c->server->timeout_ms);

    ssize_t n;
    do
        n = read(c->in, c->buffer + c->end, sizeof c->buffer - c->end);
    while (n == -1 && errno == EINTR);
    begun = 1;
    if (n > 0) {
        c->end += (size_t)n;
        return ARRIVED;
    }
    return n == -1 && errno == EAGAIN ? LATE : ENDED;
}

enum arrival connection_read(struct connection *c, long long deadline)
{
    for (;;) {
        struct pollfd in = {.fd = c->in, .events = POLLIN};
        int ready = poll(&in, 1, ms_until(deadline));
        if (ready == 0)
            return LATE;
        if (ready == 1) {
            ssize_t n =
                read(c->in, c->buffer + c->end, sizeof c->buffer - c->end);
            if (n > 0) {
                begun = 1;
                c->end += (size_t)n;
                return ARRIVED;
            }
            if (n == 0 || errno != EINTR)
                return ENDED;
        }
        if (connection_is_last() && !begun)
            return ENDED;
    }
}

void connection_waits(const struct connection *c)
{
    slot_set_state(STATE_READING);
    begun = 1;
    reading_from = c->in;
}

void connection_busy(void)
{
    reading_from = -1;
    slot_set_state(STATE_SERVING);
}

// A write that began then could not send all. Whether to go on: a slow client
// is no reason to hang up, one that takes next to nothing is. To tell which it
// is takes several time limits. A client that reads steadily, with megabytes of
// receive buffer, opens its window only when a part of that is free again, and
// nothing arrives there meanwhile.
static bool goes_on(struct connection *c, long long then)
{
    int queued;

    if (!c->is_socket || ioctl(c->out, SIOCOUTQ, &queued) == -1)
        return false;
    uint64_t acked = c->bytes_queued - (uint64_t)queued;
    if (c->stalled_since == 0) {
        c->stalled_since = then;
        c->bytes_acked = acked;
    }
    uint64_t stalled_ms = (uint64_t)(now_ms() - c->stalled_since);
    if ((acked - c->bytes_acked) * 1000 >=
        stalled_ms * LEAST_BYTES_PER_SECOND) {
        c->stalled_since = 0;
        return true;
    }
    return stalled_ms < (uint64_t)c->server->timeout_ms * STALL_TIMEOUTS;
}

bool connection_write(struct connection *c, const char *bytes, size_t count)
{
    while (count > 0) {
        long long then = now_ms();
        ssize_t n = write(c->out, bytes, count);
        if (n > 0) {
            c->bytes_queued += (uint64_t)n;
            bytes += n;
            count -= (size_t)n;
        }
        // Less than asked for: the time was over in the middle.
        if (n == -1 && errno == EINTR)
            continue;
        if (count > 0 && (n > 0 || errno == EAGAIN) && !goes_on(c, then))
            return false;
        if (n == -1 && errno != EAGAIN) {
            c->write_error = errno;
            return false;
        }
    }
    return true;
}

bool connection_write_first(struct connection *c, const char *bytes,
                            size_t count)
{
    ssize_t n = c->is_socket ? send(c->out, bytes, count, MSG_MORE) : 0;

    if (n == -1)
        n = 0; // write will say why
    c->bytes_queued += (uint64_t)n;
    return connection_write(c, bytes + n, count - (size_t)n);
}

// For what sendfile(2) does not write to, a terminal for example.
static bool copy_file(struct connection *c, int file, uint64_t offset,
                      uint64_t count)
{
    char piece[4096];

    while (count > 0) {
        ssize_t n = pread(file, piece,
                          count < sizeof piece ? (size_t)count : sizeof piece,
                          (off_t)offset);
        if (n <= 0 || !connection_write(c, piece, (size_t)n))
            return false;
        offset += (uint64_t)n;
        count -= (uint64_t)n;
    }
    return true;
}

bool connection_write_file(struct connection *c, int file, uint64_t offset,
                           uint64_t count)
{
    off_t next = (off_t)offset;

    while (count > 0) {
        long long then = now_ms();
        ssize_t n = sendfile(c->out, file, &next, (size_t)count);
        if (n > 0) {
            c->bytes_queued += (uint64_t)n;
            count -= (uint64_t)n;
        }
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1 && errno == EINVAL)
            return copy_file(c, file, (uint64_t)next, count);
        if (n == -1 && errno != EAGAIN)
            c->write_error = errno;
        if (n == 0 || (n == -1 && errno != EAGAIN))
            return false;
        if (count > 0 && c->is_socket && !goes_on(c, then))
            return false;
    }
    return true;
}

// A socket that is closed with unread bytes in it answers with a reset, and a
// reset can overtake the answer that explains it. So shut down the sending
// side, and read on for LINGER_MS.
static void linger(struct connection *c)
{
    long long deadline = now_ms() + LINGER_MS;
    long most = LINGER_MAX_BYTES;

    if (shutdown(c->out, SHUT_WR) == -1)
        return;
    connection_waits(c);
    do {
        most -= (long)c->end;
        c->end = 0;
    } while (most > 0 && connection_read(c, deadline) == ARRIVED);
}

void connection_reset(struct connection *c)
{
    const struct linger at_once = {.l_onoff = 1};

    c->is_reset = c->is_socket;
    setsockopt(c->out, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void connection_end(struct connection *c)
{
    if (c->is_socket && !c->is_reset &&
        (c->body.state != BODY_DONE || c->start < c->end))
        linger(c);
    reading_from = -1;
    close(c->in);
    if (c->out != c->in)
        close(c->out);
}
