/*
 * udp/connected.c -- connect a datagram socket.
 *
 * Shows:   Nothing is sent when a datagram socket connects: the kernel notes
 *          the peer. From then on send needs no address, the datagrams of
 *          others do not arrive, and a closed port is reported. To a socket
 *          that is not connected it is not.
 *
 * Run:     $ build/udp/connected 127.0.0.1
 *
 * Prints:  connected 127.0.0.1:<port> to 127.0.0.1:<port>
 *          recv: 8 bytes: the peer
 *          127.0.0.1:<port> is closed
 *          send: 5 bytes
 *          recv: Connection refused
 *          send: 5 bytes
 *          send: Connection refused
 *          no longer connected
 *          sendto: 5 bytes
 *          recv: nothing within 0.1 s
 *
 * Read:    connect(2), send(2), udp(7), ip(7)
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../common/program.h"
#include "datagram_socket.h"

// A socket on a port that the kernel chooses, and its address.
struct bound {
    int sock;
    struct sockaddr_storage address;
    socklen_t length;
};

static struct bound bound_to(const char *host)
{
    struct bound b = {.sock = bound_socket(host, "0"),
                      .length = sizeof b.address};

    if (b.sock == -1)
        exit(1);
    if (getsockname(b.sock, (struct sockaddr *)&b.address, &b.length) == -1)
        err(1, "getsockname");
    return b;
}

// What a call returned: a number of bytes, or -1 and errno.
static void report(const char *call, ssize_t n)
{
    if (n >= 0)
        printf("%s: %zd bytes\n", call, n);
    else if (errno == EAGAIN)
        printf("%s: nothing within 0.1 s\n", call);
    else if (errno == ECONNREFUSED)
        printf("%s: %s\n", call, strerror(errno));
    else
        err(1, "%s", call);
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc != 2)
        return usage(argc, argv, "connected ADDRESS");

    struct bound here = bound_to(argv[1]), peer = bound_to(argv[1]);
    struct bound third = bound_to(argv[1]);
    const int sock = here.sock;
    const struct timeval limit = {.tv_usec = 100000};
    if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1)
        err(1, "SO_RCVTIMEO");

    if (connect(sock, (struct sockaddr *)&peer.address, peer.length) == -1)
        err(1, "connect");
    printf("connected %s", address_text(&here.address).text);
    printf(" to %s\n", address_text(&peer.address).text);

    // The third socket sends first, and its datagram does not arrive.
    if (sendto(third.sock, "a third one", 11, 0,
               (struct sockaddr *)&here.address, here.length) == -1 ||
        sendto(peer.sock, "the peer", 8, 0, (struct sockaddr *)&here.address,
               here.length) == -1)
        err(1, "sendto");
    char text[16];
    ssize_t n = recv(sock, text, sizeof text, 0);
    if (n == -1)
        err(1, "recv");
    printf("recv: %zd bytes: %.*s\n", n, (int)n, text);

    // The first datagram to a closed port comes back as an ICMP message. The
    // next call on the socket fails with it, whatever the call is for.
    close(peer.sock);
    printf("%s is closed\n", address_text(&peer.address).text);
    report("send", send(sock, "hello", 5, 0));
    report("recv", recv(sock, text, sizeof text, 0));
    report("send", send(sock, "hello", 5, 0));
    poll(&(struct pollfd){.fd = sock}, 1, 1000); // POLLERR is always polled for
    report("send", send(sock, "hello", 5, 0));

    const struct sockaddr none = {.sa_family = AF_UNSPEC};
    if (connect(sock, &none, sizeof none) == -1)
        err(1, "connect with AF_UNSPEC");
    printf("no longer connected\n");
    report("sendto", sendto(sock, "hello", 5, 0,
                            (struct sockaddr *)&peer.address, peer.length));
    report("recv", recv(sock, text, sizeof text, 0));

    close(third.sock);
    close(sock);
    return 0;
}
