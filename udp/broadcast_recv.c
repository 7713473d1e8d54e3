/*
 * udp/broadcast_recv.c -- receive what is sent to all hosts of a network.
 *
 * Shows:   A receiver of broadcasts is bound to every address of its host: one
 *          bound to a single address gets only what is sent to that address.
 *          IP_PKTINFO tells where each datagram was sent to. Several receivers
 *          may share the port, and each gets a copy.
 *
 * Run:     terminal 1 $ build/udp/broadcast_recv 9400
 *          terminal 2 $ build/udp/broadcast_send lo 9400 3
 *
 * Prints:  ready on 0.0.0.0:9400
 *          to 127.255.255.255: oslo #1 -3.2 C
 *          to 255.255.255.255: oslo #2 -3.1 C
 *          to 127.255.255.255: oslo #3 -3.0 C
 *          to 255.255.255.255: 3 of 3 readings arrived
 *
 * Read:    ip(7), setsockopt(2), recvmsg(2), cmsg(3), inet_ntop(3)
 */
#define _GNU_SOURCE // struct in_pktinfo
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "datagram_socket.h"

// As recvfrom(2), but *to is where the datagram was sent to, which its control
// message says.
static ssize_t receive(int sock, struct reading_wire *wire, struct in_addr *to)
{
    struct in_pktinfo info = {0};
    struct iovec part = {.iov_base = wire, .iov_len = sizeof *wire};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof info)];
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };

    ssize_t n = recvmsg(sock, &message, MSG_TRUNC);
    if (n == -1)
        return -1;
    struct cmsghdr *c = CMSG_FIRSTHDR(&message); // there is no other
    if (c && c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
        memcpy(&info, CMSG_DATA(c), sizeof info);
    *to = info.ipi_addr;
    return n;
}

int main(int argc, char *argv[])
{
    program_start();
    long port;
    if (!parse_flags(argc, argv, NULL) || argc != 2 ||
        !parse_long(argv[1], 0, 65535, &port))
        return usage(argc, argv, "broadcast_recv PORT");

    // IPv6 has no broadcast: see multicast_recv.c.
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    const int yes = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
        err(1, "SO_REUSEADDR");
    if (setsockopt(sock, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes) == -1)
        err(1, "IP_PKTINFO");

    const struct sockaddr_in here = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_ANY),
        .sin_port = htons((uint16_t)port),
    };
    if (bind(sock, (const struct sockaddr *)&here, sizeof here) == -1)
        err(1, "bind port %s%s", argv[1], bind_advice(errno));
    program_ready("ready on %s\n", address_bound(sock).text);
    if (set_recv_timeout_after_first(sock) == -1)
        err(1, "recv");

    uint32_t arrived = 0;
    for (bool more = true; more;) {
        struct reading_wire wire;
        struct in_addr to;
        char text[INET_ADDRSTRLEN];

        ssize_t n = receive(sock, &wire, &to);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1 && errno == EAGAIN)
            errx(1, "nothing came for %d s: END must be lost", RECV_TIMEOUT_S);
        if (n == -1)
            err(1, "recvmsg");
        printf("to %s: ", inet_ntop(AF_INET, &to, text, sizeof text));
        more = reading_report(&wire, (size_t)n, &arrived);
    }
    close(sock);
    return 0;
}
