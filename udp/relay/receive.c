/*
 * udp/relay/receive.c -- wait for datagrams on all sockets, and say whose they
 *                        are.
 */
#define _GNU_SOURCE // ppoll
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../common/address.h"
#include "../../common/clock.h"
#include "../poll_signals_first.h"
#include "relay.h"

#define SOURCES_MAX (SESSIONS_MAX * PORTS_MAX + 1)
#define DATAGRAM_MAX 65536
#define BATCH 64 // datagrams from one socket before the next one's turn

// Something to receive from: the port that all clients call (no session), a
// port that the client of a session calls, or, without a port, the server's
// answers to a session.
struct source {
    int sock;
    uint32_t *overflow;
    struct session *session;
    const struct port *port;
};

// The number of bytes; -1 and errno. Counts what our receive buffer had no room
// for: SO_RXQ_OVFL.
static ssize_t receive(const struct source *source, struct iovec part,
                       struct sockaddr_storage *from, unsigned long *overflowed)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(uint32_t))];
    struct msghdr message = {
        .msg_control = control,
        .msg_controllen = sizeof control,
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_name = from,
        .msg_namelen = sizeof *from,
    };

    ssize_t n = recvmsg(source->sock, &message, 0);
    if (n == -1)
        return -1;
    const struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
        uint32_t overflow;
        memcpy(&overflow, CMSG_DATA(c), sizeof overflow);
        *overflowed += overflow - *source->overflow;
        *source->overflow = overflow;
    }
    return n;
}

static struct session *
session_of(struct relay *r, const struct sockaddr_storage *client, int64_t now)
{
    const uint32_t before = r->sessions.number;

    struct session *s = session_with(&r->sessions, &r->queue, client, now);
    if (s && r->sessions.number != before) {
        memcpy(s->drop, r->settings.drop, sizeof s->drop);
        if (!r->settings.silent)
            printf("%-3" PRIu32 " is %s\n", s->number,
                   address_text(client).text);
    }
    return s;
}

static struct port *port_of(struct relay *r, struct session *s,
                            const struct sockaddr_storage *server)
{
    const int before = s->port_count;

    struct port *port = session_port(&r->sessions, s, server);
    if (port && s->port_count != before && !r->settings.silent)
        printf("%-3" PRIu32 " is answered from %s\n", s->number,
               address_text(server).text);
    return port;
}

// Receive one datagram from there; false if there is none.
static bool receive_from(struct relay *r, const struct source *source)
{
    static uint8_t bytes[DATAGRAM_MAX];
    const struct iovec part = {.iov_base = bytes, .iov_len = sizeof bytes};
    const enum direction direction = source->port ? THERE : BACK;
    struct session *s = source->session;
    const struct port *port = source->port;
    struct sockaddr_storage from;

    ssize_t n = receive(source, part, &from, &r->totals[direction][OVERFLOWED]);
    if (n == -1)
        return false;
    const int64_t now = clock_us();
    r->first_rx = r->first_rx == 0 ? now : r->first_rx;
    r->last_rx = now;

    if (!s)
        s = session_of(r, &from, now);
    else if (!port)
        port = port_of(r, s, &from);
    else if (!address_same(&from, &s->client))
        port = NULL;
    if (s && port)
        forward(r, s, direction, port, bytes, (size_t)n, now);
    else
        r->totals[direction][REJECTED]++;
    return true;
}

// All that there is to receive from. What all clients call comes last, because
// a new client can end another's session.
static int list_sources(struct sessions *all, struct source *sources)
{
    int n = 0;

    for (int i = 0; i < all->count; i++) {
        struct session *s = all->list[i];
        sources[n++] = (struct source){s->sock, &s->overflow, s, NULL};
        for (int p = 1; p < s->port_count; p++)
            sources[n++] = (struct source){
                s->ports[p].sock, &s->ports[p].overflow, s, &s->ports[p]};
    }
    sources[n++] = (struct source){all->called.sock, &all->called.overflow,
                                   NULL, &all->called};
    return n;
}

void receive_until(struct relay *r, int64_t until)
{
    static struct source sources[SOURCES_MAX];
    static struct pollfd polled[SOURCES_MAX];
    const int64_t left = until - clock_us();
    const struct timespec timeout = {
        .tv_sec = (time_t)(left > 0 ? left / 1000000 : 0),
        .tv_nsec = (long)(left > 0 ? left % 1000000 * 1000 : 0),
    };
    sigset_t none;

    const int n = list_sources(&r->sessions, sources);
    for (int i = 0; i < n; i++)
        polled[i] = (struct pollfd){.fd = sources[i].sock, .events = POLLIN};
    sigemptyset(&none);
    if (poll_signals_first(polled, (nfds_t)n,
                           until == INT64_MAX ? NULL : &timeout, &none) == -1) {
        if (errno != EINTR)
            err(1, "ppoll");
        return;
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; polled[i].revents != 0 && k < BATCH; k++)
            if (!receive_from(r, &sources[i]))
                break;
}
