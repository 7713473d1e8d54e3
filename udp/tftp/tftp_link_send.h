/*
 * udp/tftp/tftp_link_send.h -- packets into a link (tftp_link.h), many in one
 * call.
 *
 * Where the kernel can, they go through it as one datagram, which is cut into
 * packets at the very end (UDP_SEGMENT, Linux 4.18); elsewhere by sendmmsg.
 *
 * Define _GNU_SOURCE before the first #include: sendmmsg.
 */
#ifndef UDP_TFTP_TFTP_LINK_SEND_H
#define UDP_TFTP_TFTP_LINK_SEND_H

#include "../../common/tftp.h"
#include "tftp_link.h"

#define TFTP_TOGETHER 64   // packets
#define TFTP_LONGEST 65000 // bytes of all of them: IP has 16 bits for that

// Send one packet. Returns 0; -1 and errno: nobody is there. What does not fit
// anywhere is lost, as on the way.
static inline int tftp_link_say(struct tftp_link *l, const uint8_t *packet,
                                size_t n)
{
    if (send(l->ours, packet, n, 0) == -1 &&
        (errno == ECONNREFUSED || errno == ENETUNREACH))
        return -1;
    return 0;
}

// Send count packets that lie stride bytes apart, each so long but the last.
// As tftp_link_say.
static inline int tftp_link_send(struct tftp_link *l, const uint8_t *packets,
                                 size_t stride, unsigned count, size_t last)
{
    struct mmsghdr each[TFTP_TOGETHER];
    struct iovec bytes[TFTP_TOGETHER];

    if (count == 1)
        return tftp_link_say(l, packets, last);
    if (l->segments) {
        size_t control[8] = {0}; // aligned
        struct cmsghdr *head = (struct cmsghdr *)control;
        const uint16_t segment = (uint16_t)stride;
        struct iovec all = {(void *)packets, stride * (count - 1) + last};
        struct msghdr m = {.msg_iov = &all,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = CMSG_SPACE(sizeof segment)};
        head->cmsg_level = IPPROTO_UDP;
        head->cmsg_type = UDP_SEGMENT;
        head->cmsg_len = CMSG_LEN(sizeof segment);
        memcpy(CMSG_DATA(head), &segment, sizeof segment);
        if (sendmsg(l->ours, &m, 0) != -1)
            return 0;
        if (errno == ECONNREFUSED)
            return -1;
        l->segments = false; // this kernel, or this interface, cannot
    }
    for (unsigned i = 0; i < count; i++) {
        bytes[i] = (struct iovec){(void *)(packets + i * stride),
                                  i + 1 < count ? stride : last};
        each[i].msg_hdr =
            (struct msghdr){.msg_iov = &bytes[i], .msg_iovlen = 1};
    }
    for (unsigned sent = 0; sent < count;) {
        int n = sendmmsg(l->ours, each + sent, count - sent, 0);
        if (n == -1 && (errno == ECONNREFUSED || errno == ENETUNREACH))
            return -1;
        sent += n > 0 ? (unsigned)n : 1;
    }
    return 0;
}

// Tell somebody else that this port is not for him: ERROR 5, never an answer to
// an ERROR, and shorter than three times what he has sent.
static inline void tftp_link_reject(const struct tftp_link *l,
                                    const struct sockaddr_storage *from,
                                    const uint8_t *datagram, size_t n)
{
    uint8_t error[32];

    if (n < TFTP_HEAD || tftp_get16(datagram) == TFTP_ERROR)
        return;
    size_t size = tftp_error(error, n < 10 ? 3 * n : sizeof error,
                             TFTP_UNKNOWN_PORT, "Unknown port");
    sendto(l->others, error, size, MSG_DONTWAIT, (const struct sockaddr *)from,
           from->ss_family == AF_INET ? sizeof(struct sockaddr_in)
                                      : sizeof(struct sockaddr_in6));
}

#endif
