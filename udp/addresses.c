/*
 * udp/addresses.c -- addresses as people write them, and as bytes.
 *
 * Shows:   inet_pton turns text into the bytes of an address, for one family at
 *          a time, and knows no names; inet_ntop turns them back. getaddrinfo
 *          takes names, and old ways of writing: 127.1. What it makes of a
 *          name, its numbers say.
 *
 * Run:     $ build/udp/addresses 10.9.8.7 ::1 fe80:0::42 127.1 localhost
 *
 * Prints:  10.9.8.7: IPv4, 0a 09 08 07, written 10.9.8.7
 *          ::1: IPv6, 00 00 00 <...> 00 01, written ::1
 *          fe80:0::42: IPv6, fe 80 00 <...> 00 42, written fe80::42
 *          127.1: no address to inet_pton; getaddrinfo finds 127.0.0.1
 *          localhost: no address to inet_pton; getaddrinfo finds <address>
 *
 * Read:    inet_pton(3), inet_ntop(3), getaddrinfo(3), ip(7), ipv6(7)
 */
#include <arpa/inet.h>
#include <err.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>

#include "../common/program.h"

// Whether text is an address of that family; its bytes are printed then.
static bool show(int family, const char *text)
{
    unsigned char bytes[sizeof(struct in6_addr)]; // IPv4 needs the first four
    const size_t size = family == AF_INET ? 4 : 16;
    char written[INET6_ADDRSTRLEN];

    if (inet_pton(family, text, bytes) != 1)
        return false;
    printf("%s: %s,", text, family == AF_INET ? "IPv4" : "IPv6");
    for (size_t i = 0; i < size; i++)
        printf(" %02x", bytes[i]);
    if (!inet_ntop(family, bytes, written, sizeof written))
        err(1, "inet_ntop");
    printf(", written %s\n", written);
    return true;
}

// The first of the addresses that getaddrinfo finds; false if there is none.
static bool look_up(const char *text)
{
    struct addrinfo *found;
    char number[NI_MAXHOST];

    printf("%s: no address to inet_pton; getaddrinfo ", text);
    int error = getaddrinfo(text, NULL, NULL, &found);
    if (error != 0) {
        printf("says: %s\n", gai_strerror(error));
        return false;
    }
    getnameinfo(found->ai_addr, found->ai_addrlen, number, sizeof number, NULL,
                0, NI_NUMERICHOST);
    printf("finds %s\n", number);
    freeaddrinfo(found);
    return true;
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc < 2)
        return usage(argc, argv, "addresses ADDRESS...");

    int status = 0;
    for (int i = 1; i < argc; i++)
        if (!show(AF_INET, argv[i]) && !show(AF_INET6, argv[i]) &&
            !look_up(argv[i]))
            status = 1;
    return status;
}
