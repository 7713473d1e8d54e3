/*
 * common/address.h -- the addresses of sockets, and how people write them.
 *
 * IPv4 and IPv6 alike: no program needs to know which of them it uses. What
 * getaddrinfo(3) finds fits into socket, bind, connect and sendto as it is.
 */
#ifndef COMMON_ADDRESS_H
#define COMMON_ADDRESS_H

#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "program.h"

// Find the addresses of a host and a service, as names or as numbers, for
// sockets of that type: SOCK_DGRAM or SOCK_STREAM. flags: AI_PASSIVE to bind,
// where port 0 asks for any free port; 0 to send or connect. Sets *found to a
// list, the best first, which freeaddrinfo(3) frees; or returns an error, which
// gai_strerror(3) puts into words.
static inline int address_find(const char *host, const char *service, int type,
                               int flags, struct addrinfo **found)
{
    const struct addrinfo hints = {.ai_socktype = type, .ai_flags = flags};
    long least = (flags & AI_PASSIVE) != 0 ? 0 : 1;
    long port;

    // getaddrinfo would take 65536, and the empty string, for 0.
    if (strspn(service, "0123456789") == strlen(service) &&
        !parse_long(service, least, 65535, &port))
        return EAI_SERVICE;
    return getaddrinfo(host, service, &hints, found);
}

// Whether text may be a port: 0 to 65535, or the name of a service. A number
// that is none is a wrong argument, and not something to look up.
static inline bool is_port(const char *text)
{
    long port;

    return strspn(text, "0123456789") < strlen(text) ||
           parse_long(text, 0, 65535, &port);
}

// What a person may do about this errno of bind(2), for the line that reports
// it: err(1, "bind%s", bind_advice(errno)). "" if there is nothing to add.
static inline const char *bind_advice(int error)
{
    return error == EADDRINUSE ? " (take another port, or 0 for any free one)"
           : error == EADDRNOTAVAIL ? " (this machine has no such address)"
                                    : "";
}

// "127.0.0.1:9400", "[::1]:9400" or "[fe80::1%eth0]:9400".
struct address_text {
    char text[INET6_ADDRSTRLEN + IF_NAMESIZE + sizeof "[%]:65535"];
};

// An address in numbers: printf("from %s\n", address_text(&from).text). "?" if
// it is neither IPv4 nor IPv6.
static inline struct address_text
address_text(const struct sockaddr_storage *address)
{
    char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
    char port[sizeof "65535"];
    sa_family_t family = address->ss_family;
    struct address_text result;

    if ((family != AF_INET && family != AF_INET6) ||
        getnameinfo((const struct sockaddr *)address, sizeof *address, host,
                    sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV | NI_DGRAM) != 0)
        return (struct address_text){"?"};
    snprintf(result.text, sizeof result.text,
             family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
    return result;
}

// The address that the kernel has bound a socket to, in numbers. Ends the
// program if getsockname(2) fails: no client would know where the server is.
static inline struct address_text address_bound(int sock)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;

    if (getsockname(sock, (struct sockaddr *)&address, &length) == -1)
        err(1, "getsockname");
    return address_text(&address);
}

// Whether both are the same port of the same host. memcmp would compare the
// padding and the flow label too.
static inline bool address_same(const struct sockaddr_storage *a,
                                const struct sockaddr_storage *b)
{
    if (a->ss_family == AF_INET && b->ss_family == AF_INET) {
        const struct sockaddr_in *a4 = (const struct sockaddr_in *)a;
        const struct sockaddr_in *b4 = (const struct sockaddr_in *)b;
        return a4->sin_port == b4->sin_port &&
               a4->sin_addr.s_addr == b4->sin_addr.s_addr;
    }
    if (a->ss_family == AF_INET6 && b->ss_family == AF_INET6) {
        const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)a;
        const struct sockaddr_in6 *b6 = (const struct sockaddr_in6 *)b;
        return a6->sin6_port == b6->sin6_port &&
               a6->sin6_scope_id == b6->sin6_scope_id &&
               IN6_ARE_ADDR_EQUAL(&a6->sin6_addr, &b6->sin6_addr);
    }
    return false;
}

#endif
