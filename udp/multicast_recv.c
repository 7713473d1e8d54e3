/*
 * udp/multicast_recv.c -- receive what is sent to a group.
 *
 * Shows:   A group is joined on an interface. The network card, the switches
 *          and the routers then know that somebody here wants it; the others
 *          are not disturbed. Linux gives a socket what any socket of the host
 *          has joined, unless told not to.
 *          --no-join: does not join.  --leave: joins, and leaves again.
 *          --all: takes the groups that others have joined as well.
 *
 * Run:     terminal 1 $ build/udp/multicast_recv 239.255.0.1 9400 lo
 *          terminal 2 $ build/udp/multicast_send 239.255.0.1 9400 lo 3
 *
 * Prints:  ready on 0.0.0.0:9400
 *          joined 239.255.0.1 on lo
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          3 of 3 readings arrived
 *
 * Read:    ip(7), ipv6(7), if_nametoindex(3), setsockopt(2), recv(2)
 */
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/address.h"
#include "../common/program.h"
#include "../common/reading.h"
#include "recv_timeout.h"

int main(int argc, char *argv[])
{
    program_start();
    int no_join = 0, and_leave = 0, all = 0;
    const struct option flags[] = {
        {"no-join", no_argument, &no_join, 1},
        {"leave", no_argument, &and_leave, 1},
        {"all", no_argument, &all, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 3)
        return usage(argc, argv,
                     "multicast_recv [--no-join|--leave] [--all] "
                     "GROUP PORT INTERFACE");
    const char *name = argv[optind], *port = argv[optind + 1],
               *interface = argv[optind + 2];

    struct addrinfo *group, *here;
    int error = address_find(name, port, SOCK_DGRAM, AI_PASSIVE, &group);
    if (error != 0)
        errx(1, "%s port %s: %s", name, port, gai_strerror(error));
    const bool v6 = group->ai_family == AF_INET6;
    const int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
    error = address_find(v6 ? "::" : "0.0.0.0", port, SOCK_DGRAM, AI_PASSIVE,
                         &here);
    if (error != 0)
        errx(1, "port %s: %s", port, gai_strerror(error));

    int sock = socket(group->ai_family, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    const int yes = 1; // several receivers on one host
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
        err(1, "SO_REUSEADDR");
    if (setsockopt(sock, level, v6 ? IPV6_MULTICAST_ALL : IP_MULTICAST_ALL,
                   &all, sizeof all) == -1)
        err(1, "IP_MULTICAST_ALL");
    if (bind(sock, here->ai_addr, here->ai_addrlen) == -1)
        err(1, "bind port %s", port);

    // The same for both families. IP_ADD_MEMBERSHIP, which is older and which
    // most books show, knows IPv4 alone.
    struct group_req request = {.gr_interface = if_nametoindex(interface)};
    if (request.gr_interface == 0)
        err(1, "%s", interface);
    memcpy(&request.gr_group, group->ai_addr, group->ai_addrlen);
    if (!no_join && setsockopt(sock, level, MCAST_JOIN_GROUP, &request,
                               sizeof request) == -1)
        err(1, "MCAST_JOIN_GROUP %s", name);
    if (and_leave && setsockopt(sock, level, MCAST_LEAVE_GROUP, &request,
                                sizeof request) == -1)
        err(1, "MCAST_LEAVE_GROUP %s", name);

    printf("ready on %s\n", address_bound(sock).text);
    printf("%s %s on %s\n",
           no_join     ? "not in"
           : and_leave ? "joined and left"
                       : "joined",
           name, interface);
    if ((no_join || and_leave ? set_recv_timeout
                              : set_recv_timeout_after_first)(sock) == -1)
        err(1, "recv");

    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        struct reading_wire wire;

        ssize_t n = recv(sock, &wire, sizeof wire, MSG_TRUNC);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1 && errno == EAGAIN)
            errx(1, "nothing came for %d s", RECV_TIMEOUT_S);
        if (n == -1)
            err(1, "recv");
        more = reading_report(&wire, (size_t)n, &arrived);
    }
    freeaddrinfo(here);
    freeaddrinfo(group);
    close(sock);
    return 0;
}
