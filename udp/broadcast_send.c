/*
 * udp/broadcast_send.c -- send to all hosts of a network.
 *
 * Shows:   Two addresses mean all hosts. A subnet's own one is its address with
 *          all host bits set, so it depends on the interface. 255.255.255.255
 *          is the same on every network; it leaves by the interface whose
 *          address the socket is bound to. The readings go to each in turn.
 *          --no-option: does not ask for permission.
 *
 * Run:     start udp/broadcast_recv.c first; its header has both commands
 *
 * Prints:  lo is 127.0.0.1, netmask 255.0.0.0
 *          its subnet's broadcast address is 127.255.255.255
 *
 * Read:    ip(7), getifaddrs(3), bind(2), setsockopt(2), sendto(2)
 */
#include <arpa/inet.h>
#include <err.h>
#include <ifaddrs.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"

// The IPv4 address of the interface, and which of its bits are the network's.
static bool find_interface(const char *name, struct in_addr *address,
                           struct in_addr *netmask)
{
    struct ifaddrs *all;
    bool found = false;

    if (getifaddrs(&all) == -1)
        err(1, "getifaddrs");
    for (struct ifaddrs *i = all; i && !found; i = i->ifa_next)
        if (strcmp(i->ifa_name, name) == 0 && i->ifa_addr &&
            i->ifa_addr->sa_family == AF_INET) {
            *address = ((struct sockaddr_in *)i->ifa_addr)->sin_addr;
            *netmask = ((struct sockaddr_in *)i->ifa_netmask)->sin_addr;
            found = true;
        }
    freeifaddrs(all);
    return found;
}

// A socket that sends by the interface with this address.
static int open_socket(const struct sockaddr_in *here, int permission)
{
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    if (setsockopt(sock, SOL_SOCKET, SO_BROADCAST, &permission,
                   sizeof permission) == -1)
        err(1, "SO_BROADCAST");
    if (bind(sock, (const struct sockaddr *)here, sizeof *here) == -1)
        err(1, "bind");
    return sock;
}

int main(int argc, char *argv[])
{
    program_start();
    int no_option = 0;
    const struct option flags[] = {{"no-option", no_argument, &no_option, 1},
                                   {0}};
    long port, count;
    if (!parse_flags(argc, argv, flags) || argc - optind != 3 ||
        !parse_long(argv[optind + 1], 1, 65535, &port) ||
        !parse_long(argv[optind + 2], 0, 1000000, &count))
        return usage(argc, argv,
                     "broadcast_send [--no-option] INTERFACE PORT COUNT");

    const char *interface = argv[optind];
    struct sockaddr_in here = {.sin_family = AF_INET};
    struct in_addr netmask = {0};
    if (!find_interface(interface, &here.sin_addr, &netmask))
        errx(1, "%s: no interface with an IPv4 address", interface);
    if (ntohl(netmask.s_addr) >= 0xfffffffe)
        errx(1, "%s: its subnet is too small for a broadcast address",
             interface);

    // Not ifa_broadaddr: it is empty where it was not set, and the kernel
    // takes this for the broadcast address either way.
    struct sockaddr_in subnet = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = here.sin_addr.s_addr | ~netmask.s_addr,
        .sin_port = htons((uint16_t)port),
    };
    struct sockaddr_in limited = subnet;
    limited.sin_addr.s_addr = htonl(INADDR_BROADCAST);

    printf("%s is %s", interface, inet_ntoa(here.sin_addr));
    printf(", netmask %s\n", inet_ntoa(netmask));
    printf("its subnet's broadcast address is %s\n",
           inet_ntoa(subnet.sin_addr));

    int sock = open_socket(&here, !no_option);
    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        const struct sockaddr_in *there = seq % 2 == 1 ? &subnet : &limited;
        const struct reading r = reading_or_end(seq, (uint32_t)count);
        const struct reading_wire wire = reading_encode(&r);

        if (sendto(sock, &wire, sizeof wire, 0, (const struct sockaddr *)there,
                   sizeof *there) == -1)
            err(1, "sendto %s", inet_ntoa(there->sin_addr));
    }
    close(sock);
    return 0;
}
