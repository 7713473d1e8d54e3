/*
 * udp/tftp_server/listener.c -- see listener.h.
 */
#define _GNU_SOURCE // struct in6_pktinfo
#include "listener.h"

#include <err.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../../common/address.h"

int listener_open(const char *host, const char *service)
{
    struct addrinfo *found;
    const int on = 1;

    int error = address_find(host, service, SOCK_DGRAM, AI_PASSIVE, &found);
    if (error != 0) {
        warnx("%s port %s: %s", host, service, gai_strerror(error));
        return -1;
    }
    int sock = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock == -1 || bind(sock, found->ai_addr, found->ai_addrlen) == -1) {
        warn("%s port %s%s", host, service, bind_advice(errno));
        sock = -1;
    } else if (found->ai_family == AF_INET) {
        setsockopt(sock, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    } else {
        setsockopt(sock, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    }
    freeaddrinfo(found);
    return sock;
}

// The address of this host that the datagram was sent to; false if it was sent
// to all hosts: RFC 1123, section 4.2.3.5 wants no answer to that.
static bool listener_here(struct msghdr *m, struct sockaddr_storage *here)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(m); // there is no other
    if (c && c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo info;
        struct sockaddr_in *a = (struct sockaddr_in *)here;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        a->sin_addr = info.ipi_spec_dst;
        return info.ipi_addr.s_addr == info.ipi_spec_dst.s_addr;
    } else if (c && c->cmsg_level == IPPROTO_IPV6 &&
               c->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo info;
        struct sockaddr_in6 *a = (struct sockaddr_in6 *)here;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        a->sin6_addr = info.ipi6_addr;
        a->sin6_scope_id =
            IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr) ? info.ipi6_ifindex : 0;
        return !IN6_IS_ADDR_MULTICAST(&info.ipi6_addr);
    }
    return true;
}

bool listener_receive(int sock, struct request *r)
{
    char control[256];
    struct iovec room = {r->datagram, sizeof r->datagram};
    struct msghdr m = {
        .msg_name = &r->from,
        .msg_namelen = sizeof r->from,
        .msg_iov = &room,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };

    memset(&r->from, 0, sizeof r->from);
    ssize_t n = recvmsg(sock, &m, MSG_DONTWAIT | MSG_TRUNC);
    if (n == -1)
        return false;
    r->n = (size_t)n; // more than there is room for: request_read refuses it
    memset(&r->here, 0, sizeof r->here);
    r->here.ss_family = r->from.ss_family;
    return listener_here(&m, &r->here);
}

void listener_refuse(int sock, const struct request *r,
                     enum tftp_error_code code, const char *why)
{
    uint8_t error[128];
    size_t max = 3 * r->n < sizeof error ? 3 * r->n : sizeof error;
    size_t n = tftp_put_error(error, max, code, why);

    sendto(sock, error, n, MSG_DONTWAIT, (const struct sockaddr *)&r->from,
           r->from.ss_family == AF_INET ? sizeof(struct sockaddr_in)
                                        : sizeof(struct sockaddr_in6));
}
