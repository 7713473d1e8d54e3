/*
 * udp/multicast_send.c -- send to a group.
 *
 * Shows:   A sender need not be in the group. It says by which interface its
 *          datagrams leave, how far they may go (1: not beyond this network),
 *          and whether this host's own receivers get them too. If it does not
 *          say: an interface that the kernel chooses, 1, and yes.
 *
 * Run:     start udp/multicast_recv.c first; its header has both commands
 *
 * Read:    ip(7), ipv6(7), if_nametoindex(3), setsockopt(2), sendto(2)
 */
#include <err.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "datagram_socket.h"

static int loop = 1; // --no-loop
static long ttl = 1; // --ttl

static bool set_ttl(int option, const char *text)
{
    (void)option;
    return parse_long(text, 0, 255, &ttl);
}

// The same three options for both families.
static void set_options(int sock, bool v6, unsigned index)
{
    const int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP, hops = (int)ttl;
    const struct ip_mreqn request = {.imr_ifindex = (int)index};

    if (v6 ? setsockopt(sock, level, IPV6_MULTICAST_IF, &index, sizeof index)
           : setsockopt(sock, level, IP_MULTICAST_IF, &request, sizeof request))
        err(1, "IP_MULTICAST_IF");
    if (setsockopt(sock, level, v6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL,
                   &hops, sizeof hops) == -1)
        err(1, "IP_MULTICAST_TTL");
    if (setsockopt(sock, level, v6 ? IPV6_MULTICAST_LOOP : IP_MULTICAST_LOOP,
                   &loop, sizeof loop) == -1)
        err(1, "IP_MULTICAST_LOOP");
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option options[] = {
        {"ttl", required_argument, NULL, 't'},
        {"no-loop", no_argument, &loop, 0},
        {0},
    };
    long count;
    if (!parse_option_values(argc, argv, options, set_ttl) ||
        argc - optind != 4 || !is_port(argv[optind + 1]) ||
        !parse_long(argv[optind + 3], 0, 1000000, &count))
        return usage(argc, argv,
                     "multicast_send [--ttl N] [--no-loop] "
                     "GROUP PORT INTERFACE COUNT");

    struct addrinfo *there = find_group(argv[optind], argv[optind + 1], 0);
    if (!there)
        return 1;
    const unsigned index = if_nametoindex(argv[optind + 2]);
    if (index == 0)
        err(1, "%s", argv[optind + 2]);
    int sock = socket(there->ai_family, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    set_options(sock, there->ai_family == AF_INET6, index);

    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        const struct reading r = reading_or_end(seq, (uint32_t)count);
        const struct reading_wire wire = reading_encode(&r);

        if (sendto(sock, &wire, sizeof wire, 0, there->ai_addr,
                   there->ai_addrlen) == -1)
            err(1, "sendto");
    }

    freeaddrinfo(there);
    close(sock);
    return 0;
}
