/*
 * udp/options.c -- socket options by name, before and after they are set.
 *
 * Shows:   An option belongs to a level: the socket's, IP's or IPv6's. What is
 *          set need not be what was asked for. True is 1, a buffer is doubled
 *          and never tiny, a time limit is rounded up to the kernel's clock,
 *          and what describes the socket cannot be set at all.
 *
 * Run:     $ build/udp/options
 *
 * Prints:  option               before     set to     after
 *          SO_TYPE              2          1          Protocol not available
 *          SO_ERROR             0          1          Protocol not available
 *          SO_REUSEADDR         0          1          1
 *          SO_BROADCAST         0          5          1
 *          SO_RCVBUF            <212992>   8192       16384
 *          SO_RCVBUF            <212992>   1          <2304>
 *          SO_SNDBUF            <212992>   8192       16384
 *          SO_RXQ_OVFL          0          1          1
 *          IP_TTL               <64>       256        Invalid argument
 *          IP_PKTINFO           0          1          1
 *          IP_MULTICAST_TTL     1          32         32
 *          IP_MULTICAST_LOOP    1          0          0
 *          IP_MULTICAST_ALL     1          0          0
 *          IPV6_V6ONLY          <0>        1          1
 *          IPV6_MULTICAST_HOPS  1          32         32
 *          SO_RCVTIMEO, us      0          250001     <252000>
 *
 * Read:    getsockopt(2), setsockopt(2), socket(7), ip(7), ipv6(7)
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../common/program.h"

struct option_row {
    const char *name;
    int family, level, option, asked;
};

static const struct option_row option_rows[] = {
    {"SO_TYPE", AF_INET, SOL_SOCKET, SO_TYPE, SOCK_STREAM},
    {"SO_ERROR", AF_INET, SOL_SOCKET, SO_ERROR, 1},
    {"SO_REUSEADDR", AF_INET, SOL_SOCKET, SO_REUSEADDR, 1},
    {"SO_BROADCAST", AF_INET, SOL_SOCKET, SO_BROADCAST, 5},
    {"SO_RCVBUF", AF_INET, SOL_SOCKET, SO_RCVBUF, 8192},
    {"SO_RCVBUF", AF_INET, SOL_SOCKET, SO_RCVBUF, 1},
    {"SO_SNDBUF", AF_INET, SOL_SOCKET, SO_SNDBUF, 8192},
    {"SO_RXQ_OVFL", AF_INET, SOL_SOCKET, SO_RXQ_OVFL, 1},
    {"IP_TTL", AF_INET, IPPROTO_IP, IP_TTL, 256},
    {"IP_PKTINFO", AF_INET, IPPROTO_IP, IP_PKTINFO, 1},
    {"IP_MULTICAST_TTL", AF_INET, IPPROTO_IP, IP_MULTICAST_TTL, 32},
    {"IP_MULTICAST_LOOP", AF_INET, IPPROTO_IP, IP_MULTICAST_LOOP, 0},
    {"IP_MULTICAST_ALL", AF_INET, IPPROTO_IP, IP_MULTICAST_ALL, 0},
    {"IPV6_V6ONLY", AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, 1},
    {"IPV6_MULTICAST_HOPS", AF_INET6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 32},
};

// A time limit is a struct, so it does not fit into the table.
static void try_timeout(void)
{
    struct timeval before, asked = {.tv_usec = 250001}, after;
    socklen_t length = sizeof before;

    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    if (getsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &before, &length) == -1 ||
        setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &asked, sizeof asked) == -1 ||
        getsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &after, &length) == -1)
        err(1, "SO_RCVTIMEO");
    printf("%-20s %-10ld %-10ld %ld\n", "SO_RCVTIMEO, us", (long)before.tv_usec,
           (long)asked.tv_usec, (long)after.tv_usec);
    close(sock);
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 1)
        return usage(argc, argv, "options");

    printf("option               before     set to     after\n");
    for (size_t i = 0; i < sizeof option_rows / sizeof *option_rows; i++) {
        const struct option_row *row = &option_rows[i];
        int value;
        socklen_t length = sizeof value; // getsockopt sets it to what it used

        int sock = socket(row->family, SOCK_DGRAM, 0);
        if (sock == -1 && errno == EAFNOSUPPORT) {
            warn("%s", row->name); // a kernel without IPv6
            continue;
        }
        if (sock == -1)
            err(1, "socket");
        if (getsockopt(sock, row->level, row->option, &value, &length) == -1)
            err(1, "getsockopt %s", row->name);
        printf("%-20s %-10d %-10d ", row->name, value, row->asked);

        int result = setsockopt(sock, row->level, row->option, &row->asked,
                                sizeof row->asked);
        if (result == -1 && errno != ENOPROTOOPT && errno != EINVAL)
            err(1, "setsockopt %s", row->name);
        if (result == -1)
            printf("%s\n", strerror(errno));
        else if (getsockopt(sock, row->level, row->option, &value, &length))
            err(1, "getsockopt %s", row->name);
        else
            printf("%d\n", value);
        close(sock);
    }
    try_timeout();
    return 0;
}
