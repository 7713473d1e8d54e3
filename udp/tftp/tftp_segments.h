/*
 * udp/tftp/tftp_segments.h -- many packets in one system call.
 *
 * Where the kernel can, they go through it as one datagram, which is cut into
 * packets at the very end (UDP_SEGMENT, Linux 4.18); elsewhere by sendmmsg(2).
 * The other way about, it puts packets that it receives together into one
 * (UDP_GRO, Linux 5.0).
 *
 * Define _GNU_SOURCE before the first #include: sendmmsg.
 */
#ifndef UDP_TFTP_TFTP_SEGMENTS_H
#define UDP_TFTP_TFTP_SEGMENTS_H

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "../../common/compat.h"

#define TFTP_SEGMENTS_MAX 64

// Whether a send has failed because the peer cannot be there. What fails for
// another reason is lost, as if on the way.
static inline bool tftp_segments_refused(void)
{
    return errno == ECONNREFUSED || errno == ENETUNREACH;
}

// Send count packets as one datagram that the kernel cuts. As send(2).
static inline ssize_t tftp_segments_as_one(int sock, const uint8_t *packets,
                                           size_t size, unsigned count,
                                           size_t last)
{
    size_t control[8] = {0}; // aligned
    struct cmsghdr *head = (struct cmsghdr *)control;
    const uint16_t segment = (uint16_t)size;
    struct iovec all = {(void *)packets, size * (count - 1) + last};
    struct msghdr m = {.msg_iov = &all,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = CMSG_SPACE(sizeof segment)};

    head->cmsg_level = IPPROTO_UDP;
    head->cmsg_type = UDP_SEGMENT;
    head->cmsg_len = CMSG_LEN(sizeof segment);
    memcpy(CMSG_DATA(head), &segment, sizeof segment);
    return sendmsg(sock, &m, 0);
}

// Send count packets that lie size bytes apart; all are that long but the last.
// *one_by_one: do not let the kernel cut them; set if it cannot. Returns 0; -1
// and errno: the peer cannot be there.
static inline int tftp_segments_send(int sock, const uint8_t *packets,
                                     size_t size, unsigned count, size_t last,
                                     bool *one_by_one)
{
    struct mmsghdr each[TFTP_SEGMENTS_MAX];
    struct iovec bytes[TFTP_SEGMENTS_MAX];

    if (count == 1)
        return send(sock, packets, last, 0) == -1 && tftp_segments_refused()
                   ? -1
                   : 0;
    if (!*one_by_one) {
        if (tftp_segments_as_one(sock, packets, size, count, last) != -1)
            return 0;
        if (errno == ECONNREFUSED)
            return -1;
        *one_by_one = true; // this kernel, or this interface, cannot
    }
    for (unsigned i = 0; i < count; i++) {
        bytes[i] = (struct iovec){(void *)(packets + i * size),
                                  i + 1 < count ? size : last};
        each[i].msg_hdr =
            (struct msghdr){.msg_iov = &bytes[i], .msg_iovlen = 1};
    }
    for (unsigned sent = 0; sent < count;) {
        int n = sendmmsg(sock, each + sent, count - sent, 0);
        if (n == -1 && tftp_segments_refused())
            return -1;
        sent += n > 0 ? (unsigned)n : 1;
    }
    return 0;
}

// How long the packets are of which a message of length bytes is made.
static inline size_t tftp_segments_size(struct msghdr *m, size_t length)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(m); // there is no other
    int segment;

    if (!c || c->cmsg_level != IPPROTO_UDP || c->cmsg_type != UDP_GRO)
        return length;
    memcpy(&segment, CMSG_DATA(c), sizeof segment);
    return segment > 0 ? (size_t)segment : length;
}

#endif
