/*
 * udp/tftp/tftp_datagrams.h -- datagrams that were read from a socket, many in
 * one call: recvmmsg(2), and UDP_GRO of tftp_segments.h.
 *
 * Define _GNU_SOURCE before the first #include: recvmmsg.
 */
#ifndef UDP_TFTP_TFTP_DATAGRAMS_H
#define UDP_TFTP_TFTP_DATAGRAMS_H

#include <stdlib.h>

#include "tftp_segments.h"

#define TFTP_BATCH 8        // messages that one call reads, at most
#define TFTP_DATAGRAM 65536 // bytes of a message, at most

struct tftp_datagrams {
    int sock;
    int count, at; // messages that were read, and which is next
    size_t offset; // in there
    struct mmsghdr messages[TFTP_BATCH];
    struct iovec buffers[TFTP_BATCH];
    struct sockaddr_storage from[TFTP_BATCH];
    size_t control[TFTP_BATCH][8]; // a cmsghdr each, aligned, and its int
    uint8_t *buffer;               // of TFTP_BATCH * TFTP_DATAGRAM bytes
};

// 0; -1 and errno.
static inline int tftp_datagrams_start(struct tftp_datagrams *d)
{
    *d = (struct tftp_datagrams){0};
    d->buffer = malloc((size_t)TFTP_BATCH * TFTP_DATAGRAM);
    return d->buffer ? 0 : -1;
}

// Read what is there, up to batch messages. How many; 0: none; -1 and errno.
// *more: there may be more.
static inline int tftp_datagrams_receive(struct tftp_datagrams *d, int sock,
                                         unsigned batch, bool *more)
{
    for (unsigned i = 0; i < batch; i++) {
        d->buffers[i] = (struct iovec){d->buffer + i * (size_t)TFTP_DATAGRAM,
                                       TFTP_DATAGRAM};
        d->messages[i].msg_hdr = (struct msghdr){
            .msg_name = &d->from[i],
            .msg_namelen = sizeof d->from[i],
            .msg_iov = &d->buffers[i],
            .msg_iovlen = 1,
            .msg_control = d->control[i],
            .msg_controllen = sizeof d->control[i],
        };
    }
    int n = recvmmsg(sock, d->messages, batch, MSG_DONTWAIT, NULL);
    d->count = n > 0 ? n : 0;
    d->sock = sock;
    d->at = 0;
    d->offset = 0;
    *more = n > 1 || (n == 1 && d->messages[0].msg_hdr.msg_controllen > 0);
    return n == -1 && (errno == EAGAIN || errno == EINTR) ? 0 : n;
}

// The next datagram, and its sender. False if there is none.
static inline bool tftp_datagrams_next(struct tftp_datagrams *d,
                                       uint8_t **datagram, size_t *n,
                                       struct sockaddr_storage **from)
{
    if (d->at == d->count)
        return false;

    struct mmsghdr *m = &d->messages[d->at];
    size_t left = m->msg_len - d->offset;
    size_t segment = tftp_segments_size(&m->msg_hdr, left);
    if (segment > m->msg_len) { // qemu-user does not translate it
        const int off = 0;
        setsockopt(d->sock, IPPROTO_UDP, UDP_GRO, &off, sizeof off);
    }
    *datagram = (uint8_t *)d->buffers[d->at].iov_base + d->offset;
    *n = segment < left ? segment : left;
    *from = &d->from[d->at];
    d->offset += *n;
    if (d->offset >= m->msg_len) {
        d->at++;
        d->offset = 0;
    }
    return true;
}

#endif
