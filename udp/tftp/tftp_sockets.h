/*
 * udp/tftp/tftp_sockets.h -- the network of a transfer (struct tftp_net of
 * tftp_io.h): two UDP sockets on one port.
 *
 * One is connected to the peer: what comes from there arrives here, and if
 * nothing listens there, the kernel says so (ECONNREFUSED). The other is not:
 * whatever else is sent to this port arrives there, and gets ERROR 5. The
 * kernel hands a datagram to the socket that matches it best. As long as the
 * client does not know from which port the server will answer, the first is
 * connected to the port that the request goes to: no answer comes from there,
 * but the error that nothing listens.
 *
 * Define _GNU_SOURCE before the first #include: recvmmsg, ppoll.
 */
#ifndef UDP_TFTP_TFTP_SOCKETS_H
#define UDP_TFTP_TFTP_SOCKETS_H

#include <poll.h>
#include <unistd.h>

#include "../../common/address.h"
#include "../../common/clock.h"
#include "../../common/tftp.h"
#include "tftp_datagrams.h"
#include "tftp_io.h"
#include "tftp_validation.h"

struct tftp_sockets {
    struct tftp_net net;          // the first member
    int connected;                // to peer
    int unconnected;              // for whatever else is sent to this port
    struct sockaddr_storage peer; // until it is known: where the request went
    bool peer_known;              // false: only the host of peer counts

    struct tftp_validation *validation; // the server's; otherwise NULL
    bool plain;                         // a read request without options
    uint64_t sent;                      // bytes, before validation

    struct tftp_datagrams datagrams;    // that were read
    struct sockaddr_storage *last_from; // who sent the last one
};

static inline socklen_t
tftp_sockets_length(const struct sockaddr_storage *address)
{
    return address->ss_family == AF_INET ? sizeof(struct sockaddr_in)
                                         : sizeof(struct sockaddr_in6);
}

static inline bool tftp_sockets_same_host(const struct sockaddr_storage *a,
                                          const struct sockaddr_storage *b)
{
    struct sockaddr_storage c = *b;

    if (a->ss_family == AF_INET && b->ss_family == AF_INET)
        ((struct sockaddr_in *)&c)->sin_port =
            ((const struct sockaddr_in *)a)->sin_port;
    else if (a->ss_family == AF_INET6 && b->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)&c)->sin6_port =
            ((const struct sockaddr_in6 *)a)->sin6_port;
    return address_same(a, &c);
}

// A socket at that address. -1 and errno.
static inline int tftp_sockets_bind(const struct sockaddr_storage *here)
{
    const int on = 1;
    const int dont = IP_PMTUDISC_DONT; // routers may fragment
    const int bytes = 1 << 22;         // as many of these as we may have

    int sock = socket(here->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock == -1)
        return -1;
    setsockopt(sock, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(sock, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    setsockopt(sock, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
    if (here->ss_family == AF_INET)
        setsockopt(sock, IPPROTO_IP, IP_MTU_DISCOVER, &dont, sizeof dont);
    if (bind(sock, (const struct sockaddr *)here, sizeof *here) == 0)
        return sock;
    int error = errno;
    close(sock);
    errno = error;
    return -1;
}

// Connect to the peer, or to where the request goes; may be called again. 0; -1
// and errno.
static inline int tftp_sockets_connect(struct tftp_sockets *s,
                                       const struct sockaddr_storage *peer,
                                       bool peer_known)
{
    struct sockaddr_storage here = {0};
    socklen_t length = sizeof here;

    s->peer = *peer;
    s->peer_known = peer_known;
    if (getsockname(s->unconnected, (struct sockaddr *)&here, &length) == -1)
        return -1;
    if (s->connected == -1)
        s->connected = tftp_sockets_bind(&here);
    if (s->connected == -1)
        return -1;
    return connect(s->connected, (const struct sockaddr *)peer,
                   tftp_sockets_length(peer));
}

static inline int64_t tftp_sockets_now(struct tftp_net *net)
{
    (void)net;
    return clock_us();
}

static inline int tftp_sockets_send(struct tftp_net *net,
                                    const uint8_t *packets, size_t size,
                                    unsigned count, size_t last)
{
    struct tftp_sockets *s = (struct tftp_sockets *)net;

    size_t n = (count - 1) * size + last;

    if (s->validation && !net->accepted) {
        if (!tftp_validation_allows(s->validation, s->plain, s->sent, n))
            return 0; // as if it were lost
        s->sent += n;
    }
    return tftp_segments_send(s->connected, packets, size, count, last,
                              &net->one_by_one);
}

static inline int tftp_sockets_receive(struct tftp_sockets *s, int sock)
{
    return tftp_datagrams_receive(&s->datagrams, sock, s->net.batch,
                                  &s->net.more);
}

static inline int tftp_sockets_read(struct tftp_net *net, int64_t wait_us)
{
    struct tftp_sockets *s = (struct tftp_sockets *)net;
    struct pollfd sockets[2] = {
        {.fd = s->connected, .events = POLLIN},
        {.fd = s->unconnected, .events = POLLIN},
    };

    if (net->more)
        return tftp_sockets_receive(s, s->connected);
    const struct timespec timeout = {
        .tv_sec = wait_us > 0 ? (time_t)(wait_us / 1000000) : 0,
        .tv_nsec = wait_us > 0 ? (long)(wait_us % 1000000) * 1000 : 0,
    };
    int n = ppoll(sockets, 2, &timeout, NULL);
    if (n <= 0)
        return n == -1 && errno != EINTR ? -1 : 0;
    // The connected one goes first: on the other there may be a flood.
    return tftp_sockets_receive(s, sockets[0].revents != 0 ? s->connected
                                                           : s->unconnected);
}

// Answer ERROR 5 (unknown transfer ID) to an address that is not the peer, but
// never to an ERROR, and with at most three times the bytes of its datagram.
static inline void tftp_sockets_reject(const struct tftp_sockets *s,
                                       const struct sockaddr_storage *from,
                                       const uint8_t *datagram, size_t n)
{
    uint8_t error[32];

    if (n < TFTP_HEADER || tftp_get16(datagram) == TFTP_ERROR)
        return;
    size_t size = tftp_put_error(error, n < 10 ? 3 * n : sizeof error,
                                 TFTP_ERROR_UNKNOWN_TID, "Unknown transfer ID");
    sendto(s->unconnected, error, size, MSG_DONTWAIT,
           (const struct sockaddr *)from, tftp_sockets_length(from));
}

static inline bool tftp_sockets_next(struct tftp_net *net, uint8_t **datagram,
                                     size_t *n)
{
    struct tftp_sockets *s = (struct tftp_sockets *)net;

    while (tftp_datagrams_next(&s->datagrams, datagram, n, &s->last_from)) {
        if (s->peer_known ? address_same(s->last_from, &s->peer)
                          : tftp_sockets_same_host(s->last_from, &s->peer))
            return true;
        tftp_sockets_reject(s, s->last_from, *datagram, *n);
    }
    return false;
}

static inline int tftp_sockets_accept(struct tftp_net *net)
{
    struct tftp_sockets *s = (struct tftp_sockets *)net;

    net->accepted = true;
    if (s->validation)
        atomic_store(&s->validation->done, true);
    return s->peer_known ? 0 : tftp_sockets_connect(s, s->last_from, true);
}

// Open them at that address, whose port is 0, and connect: see above. 0; -1 and
// errno.
static inline int tftp_sockets_open(struct tftp_sockets *s,
                                    const struct sockaddr_storage *here,
                                    const struct sockaddr_storage *peer,
                                    bool peer_known)
{
    *s = (struct tftp_sockets){
        .net = {.now = tftp_sockets_now,
                .send = tftp_sockets_send,
                .read = tftp_sockets_read,
                .next = tftp_sockets_next,
                .accept = tftp_sockets_accept,
                .batch = 1},
        .connected = -1,
    };
    s->unconnected = tftp_sockets_bind(here);
    if (s->unconnected == -1 || tftp_datagrams_start(&s->datagrams) == -1)
        return -1;
    return tftp_sockets_connect(s, peer, peer_known);
}

#endif
