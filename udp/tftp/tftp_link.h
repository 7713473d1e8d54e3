/*
 * udp/tftp/tftp_link.h -- datagrams to and from the one other end of a transfer.
 *
 * Two sockets on one port. `ours` is connected to the other end: what comes
 * from there arrives here, and if nobody is there any more, the kernel says so
 * (ECONNREFUSED). `others` is not: there arrives whatever else is sent to this
 * port, and is told that it is wrong (ERROR 5). The kernel hands a datagram to
 * the socket that matches it best. As long as the client does not know from
 * which port the server will answer, `ours` is connected to the one that it
 * asks: no answer comes from there, but the word that nobody listens.
 *
 * Many datagrams are read in one call, and where the kernel has put some
 * together, as one (UDP_GRO, Linux 5.0); tftp_link_send.h has the other way.
 *
 * Define _GNU_SOURCE before the first #include: recvmmsg.
 */
#ifndef UDP_TFTP_TFTP_LINK_H
#define UDP_TFTP_TFTP_LINK_H

#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../common/address.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#define UDP_GRO 104
#endif

#define TFTP_BATCH 8        // datagrams read at once, at most, each up to
#define TFTP_DATAGRAM 65536 // bytes

struct tftp_link {
    int ours; // -1: nobody is known yet
    int others;
    struct sockaddr_storage there; // the other end
    socklen_t length;
    bool is_known;  // there is the other end, not the port of a server
    bool segments;  // the kernel can cut
    unsigned batch; // datagrams to be read at once
    bool eager;     // there may be more than was read
    int count, at;  // of what was read: how many, and which is next
    size_t offset;  // in there
    struct mmsghdr messages[TFTP_BATCH];
    struct iovec room[TFTP_BATCH];
    struct sockaddr_storage from[TFTP_BATCH];
    size_t control[TFTP_BATCH][8]; // a cmsghdr each, aligned, and its int
    uint8_t *buffer;               // of TFTP_BATCH * TFTP_DATAGRAM bytes
};

// A socket at that address. -1 and errno.
static inline int tftp_socket(const struct sockaddr_storage *here)
{
    const int on = 1;
    const int dont = IP_PMTUDISC_DONT; // whoever must may fragment
    const int room = 1 << 22;          // as much of this as we may have

    int sock = socket(here->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock == -1)
        return -1;
    setsockopt(sock, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    setsockopt(sock, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
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

// Open a link at that address, whose port is 0. Returns 0; -1 and errno.
static inline int tftp_link_open(struct tftp_link *l,
                                 const struct sockaddr_storage *here)
{
    *l = (struct tftp_link){.ours = -1, .segments = true, .batch = 1};
    l->buffer = malloc((size_t)TFTP_BATCH * TFTP_DATAGRAM);
    l->others = l->buffer ? tftp_socket(here) : -1;
    return l->others == -1 ? -1 : 0;
}

// It is this one who is at the other end, or who is asked for it; may be called
// again. Returns 0; -1 and errno.
static inline int tftp_link_to(struct tftp_link *l,
                               const struct sockaddr_storage *there,
                               bool is_known)
{
    struct sockaddr_storage here = {0};
    socklen_t length = sizeof here;

    l->there = *there;
    l->length = there->ss_family == AF_INET ? sizeof(struct sockaddr_in)
                                            : sizeof(struct sockaddr_in6);
    l->is_known = is_known;
    if (getsockname(l->others, (struct sockaddr *)&here, &length) == -1)
        return -1;
    if (l->ours == -1)
        l->ours = tftp_socket(&here);
    if (l->ours == -1)
        return -1;
    return connect(l->ours, (const struct sockaddr *)there, l->length);
}

// Read what is there into the link. How many; 0: nothing; -1 and errno.
static inline int tftp_link_read(struct tftp_link *l, int sock)
{
    for (unsigned i = 0; i < l->batch; i++) {
        l->room[i] = (struct iovec){l->buffer + i * (size_t)TFTP_DATAGRAM,
                                    TFTP_DATAGRAM};
        l->messages[i].msg_hdr = (struct msghdr){
            .msg_name = &l->from[i],
            .msg_namelen = sizeof l->from[i],
            .msg_iov = &l->room[i],
            .msg_iovlen = 1,
            .msg_control = l->control[i],
            .msg_controllen = sizeof l->control[i],
        };
    }
    int n = recvmmsg(sock, l->messages, l->batch, MSG_DONTWAIT, NULL);
    l->count = n > 0 ? n : 0;
    l->eager = n > 1 || (n == 1 && l->messages[0].msg_hdr.msg_controllen > 0);
    l->at = 0;
    l->offset = 0;
    return n == -1 && (errno == EAGAIN || errno == EINTR) ? 0 : n;
}

// How long the packets are that lie in a message one behind the other.
static inline size_t tftp_segment(struct msghdr *m, size_t size)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(m); // there is no other
    if (c && c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
        int segment;
        memcpy(&segment, CMSG_DATA(c), sizeof segment);
        return segment > 0 ? (size_t)segment : size;
    }
    return size;
}

// The next datagram that was read, and who sent it. False if there is none.
static inline bool tftp_link_next(struct tftp_link *l, uint8_t **datagram,
                                  size_t *n, struct sockaddr_storage **from)
{
    while (l->at < l->count) {
        struct mmsghdr *m = &l->messages[l->at];
        if (l->offset < m->msg_len || (m->msg_len == 0 && l->offset == 0)) {
            size_t left = m->msg_len - l->offset;
            size_t segment = tftp_segment(&m->msg_hdr, left);
            if (segment > m->msg_len) { // qemu-user does not translate it
                const int off = 0;
                setsockopt(l->ours, IPPROTO_UDP, UDP_GRO, &off, sizeof off);
            }
            *datagram = (uint8_t *)l->room[l->at].iov_base + l->offset;
            *n = segment < left ? segment : left;
            *from = &l->from[l->at];
            l->offset += *n > 0 ? *n : 1;
            return true;
        }
        l->at++;
        l->offset = 0;
    }
    return false;
}

#endif
