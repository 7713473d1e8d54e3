/*
 * udp/radio_player/group.c -- open a socket for the group.
 */
#include "group.h"

#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "../datagram_socket.h"

// Only our group, and only on that interface: multicast_recv.c says why.
static void set_options(int sock, bool v6, const char *interface)
{
    const int yes = 1, no = 0;

    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
        err(1, "SO_REUSEADDR");
    if (!v6) {
        if (setsockopt(sock, IPPROTO_IP, IP_MULTICAST_ALL, &no, sizeof no))
            err(1, "IP_MULTICAST_ALL");
        return;
    }
    if (setsockopt(sock, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &no, sizeof no))
        err(1, "IPV6_MULTICAST_ALL");
    if (setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE, interface,
                   (socklen_t)strlen(interface)) == -1)
        err(1, "SO_BINDTODEVICE");
}

int group_join(const char *name, const char *port, const char *interface)
{
    struct group_req request = {.gr_interface = if_nametoindex(interface)};
    if (request.gr_interface == 0)
        err(1, "%s", interface);

    struct addrinfo *group = find_group(name, port, AI_PASSIVE);
    const bool v6 = group && group->ai_family == AF_INET6;
    struct addrinfo *here =
        group ? find_address(v6 ? "::" : "0.0.0.0", port, AI_PASSIVE) : NULL;
    if (!here)
        exit(1);
    memcpy(&request.gr_group, group->ai_addr, group->ai_addrlen);

    int sock =
        socket(group->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (sock == -1)
        err(1, "socket");
    set_options(sock, v6, interface);
    if (bind(sock, here->ai_addr, here->ai_addrlen) == -1)
        err(1, "bind port %s%s", port, bind_advice(errno));
    if (setsockopt(sock, v6 ? IPPROTO_IPV6 : IPPROTO_IP, MCAST_JOIN_GROUP,
                   &request, sizeof request) == -1)
        err(1, "MCAST_JOIN_GROUP %s", name);
    freeaddrinfo(here);
    freeaddrinfo(group);
    return sock;
}
