/*
 * common/trace/kernel_socket.c -- what a socket holds, counted at a borrowed
 * descriptor: see kernel.h.
 *
 * FIONREAD has all the bytes of a stream, but of datagrams only the first one.
 * So these are looked at one after the other: SO_PEEK_OFF lets each recv(2)
 * with MSG_PEEK begin behind the one before. A peek would take away an error
 * that waits to be reported; a socket that has one is left alone.
 */
#define _GNU_SOURCE // struct tcp_info
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../compat.h"
#include "kernel.h"

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
    struct sockaddr_storage room;
};

static int option_of(int fd, int level, int name)
{
    int value = 0;
    socklen_t size = sizeof value;

    return getsockopt(fd, level, name, &value, &size) == -1 ? 0 : value;
}

// "127.0.0.1:9400" or "[::1]:9400", as strace writes it; empty if neither.
static void address_words(const union address *address, char *words,
                          size_t size)
{
    char text[INET6_ADDRSTRLEN];

    words[0] = '\0';
    if (address->any.sa_family == AF_INET &&
        inet_ntop(AF_INET, &address->v4.sin_addr, text, sizeof text))
        snprintf(words, size, "%s:%d", text, ntohs(address->v4.sin_port));
    if (address->any.sa_family == AF_INET6 &&
        inet_ntop(AF_INET6, &address->v6.sin6_addr, text, sizeof text))
        snprintf(words, size, "[%s]:%d", text, ntohs(address->v6.sin6_port));
}

// What the model calls the socket that is bound here: its port, or its path.
static void name_words(const union address *address, char *words, size_t size)
{
    words[0] = '\0';
    if (address->any.sa_family == AF_INET)
        snprintf(words, size, "%d", ntohs(address->v4.sin_port));
    else if (address->any.sa_family == AF_INET6)
        snprintf(words, size, "%d", ntohs(address->v6.sin6_port));
    else if (address->any.sa_family == AF_UNIX)
        snprintf(words, size, "%s",
                 address->local.sun_path +
                     (address->local.sun_path[0] == '\0'));
}

// A connection: what has come from the peer and is not yet read; and of the
// other direction, what is not yet acknowledged.
static void read_connection(struct checkpoint *c, int fd, ino_t inode,
                            const union address *here)
{
    union address there = {.any.sa_family = AF_UNSPEC};
    socklen_t size = sizeof there;
    char local[64];
    char peer[64];
    char key[140];
    int bytes;

    if (getpeername(fd, &there.any, &size) == -1 ||
        ioctl(fd, FIONREAD, &bytes) == -1)
        return;
    address_words(here, local, sizeof local);
    address_words(&there, peer, sizeof peer);
    if (here->any.sa_family == AF_UNIX)
        snprintf(key, sizeof key, "->%lu", (unsigned long)inode);
    else
        snprintf(key, sizeof key, "%s->%s", peer, local);
    struct figure *figure = checkpoint_figure(c, OBJECT_CONNECTION, key);
    if (figure)
        figure->bytes = bytes;
    if (here->any.sa_family == AF_UNIX || ioctl(fd, SIOCOUTQ, &bytes) == -1)
        return;
    snprintf(key, sizeof key, "%s->%s", local, peer);
    figure = checkpoint_figure(c, OBJECT_CONNECTION, key);
    if (figure)
        figure->on_way = bytes;
}

// Connections to this port whose client has not yet completed them.
static int count_incomplete(pid_t pid, const char *port)
{
    char path[64];
    char line[256];
    char local[64];
    unsigned state;
    int count = 0;

    for (int v6 = 0; v6 < 2; v6++) {
        snprintf(path, sizeof path, "/proc/%d/net/tcp%s", pid, v6 ? "6" : "");
        FILE *file = fopen(path, "re");
        while (file && fgets(line, sizeof line, file)) {
            if (sscanf(line, "%*s %63s %*s %x", local, &state) != 2 ||
                state != TCP_SYN_RECV || !strrchr(local, ':'))
                continue;
            count += strtol(strrchr(local, ':') + 1, NULL, 16) == atol(port);
        }
        if (file)
            fclose(file);
    }
    return count;
}

static void read_listener(struct checkpoint *c, pid_t pid, int fd,
                          const char *name)
{
    struct tcp_info about = {0};
    socklen_t size = sizeof about;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &about, &size) == -1)
        return;
    struct figure *figure = checkpoint_figure(c, OBJECT_LISTENER, name);
    if (figure) {
        figure->count = about.tcpi_unacked; // here: its accept queue
        figure->on_way = count_incomplete(pid, name);
    }
}

// The datagrams in the socket, all of them. False: it is not known.
static bool count_datagrams(int fd, long long *count, long long *bytes)
{
    static char datagram[65536];
    struct pollfd error = {.fd = fd};
    int offset = -1;
    const int none = -1;
    const int first = 0;
    socklen_t size = sizeof offset;
    ssize_t n;

    *count = *bytes = 0;
    if (poll(&error, 1, 0) == -1 || error.revents & POLLERR ||
        getsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &offset, &size) == -1 ||
        offset != none ||
        setsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &first, sizeof first) == -1)
        return false;
    while ((n = recv(fd, datagram, sizeof datagram, MSG_PEEK | MSG_DONTWAIT)) >
           0) {
        ++*count;
        *bytes += n;
    }
    return setsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &none, sizeof none) == 0 &&
           n == -1;
}

// Several sockets may have the same port; the model counts them together.
static void read_datagrams(struct checkpoint *c, int fd, ino_t inode,
                           const char *name)
{
    char key[140];
    long long count;
    long long bytes;

    if (!count_datagrams(fd, &count, &bytes))
        return;
    snprintf(key, sizeof key, "->%lu", (unsigned long)inode);
    struct figure *figure = checkpoint_figure(
        c, name[0] ? OBJECT_PORT : OBJECT_CONNECTION, name[0] ? name : key);
    if (!figure)
        return;
    figure->bytes = bytes + (figure->bytes > 0 ? figure->bytes : 0);
    figure->count = count + (figure->count > 0 ? figure->count : 0);
    // What came as several may be one by now.
    figure->joined = figure->joined || option_of(fd, IPPROTO_UDP, UDP_GRO) != 0;
}

void read_socket(struct checkpoint *c, pid_t pid, int fd, ino_t inode)
{
    union address here = {.any.sa_family = AF_UNSPEC};
    socklen_t size = sizeof here;
    char name[128];

    for (int i = 0; i < c->inode_count; i++)
        if (c->inodes[i] == inode)
            return; // another process has it, too
    if (c->inode_count == FIGURES_MAX ||
        getsockname(fd, &here.any, &size) == -1)
        return;
    c->inodes[c->inode_count++] = inode;
    name_words(&here, name, sizeof name);
    if (option_of(fd, SOL_SOCKET, SO_TYPE) == SOCK_DGRAM)
        read_datagrams(c, fd, inode, name);
    else if (option_of(fd, SOL_SOCKET, SO_ACCEPTCONN) != 0)
        read_listener(c, pid, fd, name);
    else
        read_connection(c, fd, inode, &here);
}
