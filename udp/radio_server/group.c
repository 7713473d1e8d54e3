/*
 * udp/radio_server/group.c -- open a socket for the group.
 */
#include "group.h"

#include <err.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "../datagram_socket.h"

static void set_ipv4(int sock, unsigned index, int ttl)
{
    const struct ip_mreqn request = {.imr_ifindex = (int)index};

    if (setsockopt(sock, IPPROTO_IP, IP_MULTICAST_IF, &request,
                   sizeof request) == -1)
        err(1, "IP_MULTICAST_IF");
    if (setsockopt(sock, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) == -1)
        err(1, "IP_MULTICAST_TTL");
}

static void set_ipv6(int sock, unsigned index, int hops)
{
    if (setsockopt(sock, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index,
                   sizeof index) == -1)
        err(1, "IPV6_MULTICAST_IF");
    if (setsockopt(sock, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops,
                   sizeof hops) == -1)
        err(1, "IPV6_MULTICAST_HOPS");
}

int group_open(const char *group, const char *port, const char *interface,
               int ttl)
{
    struct addrinfo *there = find_group(group, port, 0);
    if (!there)
        exit(1);
    const unsigned index = if_nametoindex(interface);
    if (index == 0)
        err(1, "%s", interface);

    int sock = socket(there->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock == -1)
        err(1, "socket");
    (there->ai_family == AF_INET6 ? set_ipv6 : set_ipv4)(sock, index, ttl);
    if (connect(sock, there->ai_addr, there->ai_addrlen) == -1)
        err(1, "connect %s port %s", group, port);
    freeaddrinfo(there);
    return sock;
}
