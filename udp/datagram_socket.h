/*
 * udp/datagram_socket.h -- sockets, opened as basic_recv.c and basic_send.c
 *                          show it. What fails is said on stderr.
 */
#ifndef UDP_DATAGRAM_SOCKET_H
#define UDP_DATAGRAM_SOCKET_H

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/address.h"
#include "recv_timeout.h"

// The address of a host and a port, with the flags of address_find(). NULL if
// there is none.
static inline struct addrinfo *find_address(const char *host, const char *port,
                                            int flags)
{
    struct addrinfo *found;

    int error = address_find(host, port, SOCK_DGRAM, flags, &found);
    if (error != 0) {
        warnx("%s port %s: %s", host, port, gai_strerror(error));
        return NULL;
    }
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)found->ai_addr;
    if (found->ai_family == AF_INET6 && v6->sin6_scope_id == 0 &&
        IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)) {
        warnx("%s: which link? Name its interface: %s%%eth0", host, host);
        freeaddrinfo(found);
        return NULL;
    }
    return found;
}

// The same for a multicast group.
static inline struct addrinfo *find_group(const char *group, const char *port,
                                          int flags)
{
    struct addrinfo *found = find_address(group, port, flags);
    if (!found)
        return NULL;

    const struct sockaddr_in *v4 = (const struct sockaddr_in *)found->ai_addr;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)found->ai_addr;
    if (found->ai_family == AF_INET6 ? IN6_IS_ADDR_MULTICAST(&v6->sin6_addr)
                                     : IN_MULTICAST(ntohl(v4->sin_addr.s_addr)))
        return found;
    warnx("%s: not a multicast group", group);
    freeaddrinfo(found);
    return NULL;
}

// A socket that is bound to that address, or connected to it; -1 if that did
// not work.
static inline int open_datagram(const char *host, const char *port, int flags)
{
    const bool to_bind = (flags & AI_PASSIVE) != 0;

    struct addrinfo *found = find_address(host, port, flags);
    if (!found)
        return -1;
    int fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd == -1) {
        warn("socket");
        freeaddrinfo(found);
        return -1;
    }
    int result = to_bind ? bind(fd, found->ai_addr, found->ai_addrlen)
                         : connect(fd, found->ai_addr, found->ai_addrlen);
    if (result == -1) {
        warn("%s %s port %s%s", to_bind ? "bind" : "connect", host, port,
             to_bind ? bind_advice(errno) : "");
        close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

// For a receiver: port 0 asks for any free port.
static inline int bound_socket(const char *host, const char *port)
{
    return open_datagram(host, port, AI_PASSIVE);
}

// For a sender whose answers come from there and from nowhere else.
static inline int connected_socket(const char *host, const char *port)
{
    return open_datagram(host, port, 0);
}

#endif
