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
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/address.h"
#include "../common/program.h"
#include "../common/reading.h"

static void send_reading(int sock, const struct addrinfo *to,
                         const struct reading *r)
{
    struct reading_wire wire = reading_encode(r);

    if (sendto(sock, &wire, sizeof wire, 0, to->ai_addr, to->ai_addrlen) == -1)
        err(1, "sendto");
}

// The interface, as the two families want to hear it.
static void send_through(int sock, bool v6, unsigned index)
{
    const struct ip_mreqn request = {.imr_ifindex = (int)index};

    if (!v6 && setsockopt(sock, IPPROTO_IP, IP_MULTICAST_IF, &request,
                          sizeof request) == -1)
        err(1, "IP_MULTICAST_IF");
    if (v6 && setsockopt(sock, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index,
                         sizeof index) == -1)
        err(1, "IPV6_MULTICAST_IF");
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] =
        "multicast_send [--ttl N] [--no-loop] GROUP PORT INTERFACE COUNT";
    int loop = 1, option;
    long hops = 1, count;
    const struct option options[] = {
        {"ttl", required_argument, NULL, 't'},
        {"no-loop", no_argument, &loop, 0},
        {0},
    };

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option != 0 &&
            (option != 't' || !parse_long(optarg, 0, 255, &hops)))
            return usage(argc, argv, synopsis);
    char **operands = argv + optind;
    if (argc - optind != 4 || !parse_long(operands[3], 0, 1000000, &count))
        return usage(argc, argv, synopsis);

    struct addrinfo *there;
    int error = address_find(operands[0], operands[1], SOCK_DGRAM, 0, &there);
    if (error != 0)
        errx(1, "%s port %s: %s", operands[0], operands[1],
             gai_strerror(error));
    unsigned index = if_nametoindex(operands[2]);
    if (index == 0)
        err(1, "%s", operands[2]);

    int sock = socket(there->ai_family, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    const bool v6 = there->ai_family == AF_INET6;
    const int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP, ttl = (int)hops;
    send_through(sock, v6, index);
    if (setsockopt(sock, level, v6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL,
                   &ttl, sizeof ttl) == -1)
        err(1, "IP_MULTICAST_TTL");
    if (setsockopt(sock, level, v6 ? IPV6_MULTICAST_LOOP : IP_MULTICAST_LOOP,
                   &loop, sizeof loop) == -1)
        err(1, "IP_MULTICAST_LOOP");

    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        struct reading r = reading_sample(seq);
        send_reading(sock, there, &r);
    }
    struct reading end = {.kind = READING_END, .seq = (uint32_t)count};
    send_reading(sock, there, &end);

    freeaddrinfo(there);
    close(sock);
    return 0;
}
