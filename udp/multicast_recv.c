/*
 * udp/multicast_recv.c -- receive what is sent to a group.
 *
 * Shows:   A group is joined on an interface: then the network brings it to
 *          this host, and not to others. Linux gives a socket what any socket
 *          of the host has joined, unless told not to.
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
 * Read:    ip(7), ipv6(7), socket(7), if_nametoindex(3), setsockopt(2),
 *          bind(2), recvfrom(2)
 */
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "datagram_socket.h"

static int no_join, leave, all; // --no-join, --leave, --all

// A socket for the groups of that family, on that interface.
static int open_socket(bool v6, const char *interface)
{
    const int yes = 1; // several receivers on one host

    int sock = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
        err(1, "SO_REUSEADDR");
    if (setsockopt(sock, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
                   v6 ? IPV6_MULTICAST_ALL : IP_MULTICAST_ALL, &all,
                   sizeof all) == -1)
        err(1, "IP_MULTICAST_ALL");
    // IPV6_MULTICAST_ALL compares groups, not interfaces: without this the
    // group would also be heard by an interface where another socket joined.
    if (v6 && setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE, interface,
                         (socklen_t)strlen(interface)) == -1)
        err(1, "SO_BINDTODEVICE %s", interface);
    return sock;
}

// The same for both families. IP_ADD_MEMBERSHIP, which is older and which most
// books show, knows IPv4 alone.
static void join(int sock, const struct addrinfo *group, const char *interface)
{
    const int level = group->ai_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
    struct group_req request = {.gr_interface = if_nametoindex(interface)};

    if (request.gr_interface == 0)
        err(1, "%s", interface);
    memcpy(&request.gr_group, group->ai_addr, group->ai_addrlen);
    if (!no_join && setsockopt(sock, level, MCAST_JOIN_GROUP, &request,
                               sizeof request) == -1)
        err(1, "MCAST_JOIN_GROUP");
    if (leave && setsockopt(sock, level, MCAST_LEAVE_GROUP, &request,
                            sizeof request) == -1)
        err(1, "MCAST_LEAVE_GROUP");
}

// A group may have many senders: count the readings of the first.
static void receive_readings(int sock)
{
    struct sockaddr_storage sender = {0};
    uint32_t arrived = 0;

    for (bool more = true; more;) {
        struct reading_wire wire;
        struct reading r;
        struct sockaddr_storage from;
        socklen_t from_len = sizeof from;

        ssize_t n = recvfrom(sock, &wire, sizeof wire, MSG_TRUNC,
                             (struct sockaddr *)&from, &from_len);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1 && errno == EAGAIN)
            errx(1, "nothing came for %d s", RECV_TIMEOUT_S);
        if (n == -1)
            err(1, "recvfrom");
        if (sender.ss_family == 0 && reading_decode(&r, &wire, (size_t)n))
            sender = from;
        if (sender.ss_family == 0 || address_same(&from, &sender))
            more = reading_report(&wire, (size_t)n, &arrived);
        else
            printf("skipped %zd bytes: from another sender\n", n);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option flags[] = {
        {"no-join", no_argument, &no_join, 1},
        {"leave", no_argument, &leave, 1},
        {"all", no_argument, &all, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 3 ||
        !is_port(argv[optind + 1]))
        return usage(argc, argv,
                     "multicast_recv [--no-join|--leave] [--all] "
                     "GROUP PORT INTERFACE");
    const char *name = argv[optind], *port = argv[optind + 1];
    const char *interface = argv[optind + 2];

    struct addrinfo *group = find_group(name, port, AI_PASSIVE);
    if (!group)
        return 1;
    bool v6 = group->ai_family == AF_INET6;
    struct addrinfo *here =
        find_address(v6 ? "::" : "0.0.0.0", port, AI_PASSIVE);
    if (!here)
        return 1;
    int sock = open_socket(v6, interface);
    if (bind(sock, here->ai_addr, here->ai_addrlen) == -1)
        err(1, "bind port %s%s", port, bind_advice(errno));
    join(sock, group, interface);
    freeaddrinfo(here);
    freeaddrinfo(group);

    program_ready("ready on %s\n", address_bound(sock).text);
    const char *how = leave ? "joined and left" : no_join ? "not in" : "joined";
    printf("%s %s on %s\n", how, name, interface);
    int limited = no_join || leave ? set_recv_timeout(sock)
                                   : set_recv_timeout_after_first(sock);
    if (limited == -1)
        err(1, "recv");
    receive_readings(sock);
    close(sock);
    return 0;
}
