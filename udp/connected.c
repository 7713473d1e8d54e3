/*
 * udp/connected.c -- connect a datagram socket.
 *
 * Shows:   Nothing is sent when a datagram socket connects: the kernel notes
 *          the peer. From then on send needs no address, the datagrams of
 *          others do not arrive, and it is told that nobody listens there. A
 *          socket that is not connected is told nothing.
 *
 * Run:     $ build/udp/connected 127.0.0.1
 *
 * Prints:  connected 127.0.0.1:<port> to 127.0.0.1:<port>
 *          recv: 8 bytes: the peer
 *          nobody listens at 127.0.0.1:<port> any more
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
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../common/address.h"
#include "../common/program.h"

// A socket on a port that the kernel chooses; *address is where that is.
static int bound_socket(const struct addrinfo *here,
                        struct sockaddr_storage *address)
{
    socklen_t length = sizeof *address;

    int sock = socket(here->ai_family, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    if (bind(sock, here->ai_addr, here->ai_addrlen) == -1)
        err(1, "bind");
    if (getsockname(sock, (struct sockaddr *)address, &length) == -1)
        err(1, "getsockname");
    return sock;
}

static void send_from(int sock, const char *text,
                      const struct sockaddr_storage *to, socklen_t length)
{
    if (sendto(sock, text, strlen(text), 0, (const struct sockaddr *)to,
               length) == -1)
        err(1, "sendto");
}

// What a call returned: a number of bytes, or -1 and errno.
static void report(const char *call, ssize_t n)
{
    if (n >= 0)
        printf("%s: %zd bytes\n", call, n);
    else if (errno == EAGAIN)
        printf("%s: nothing within 0.1 s\n", call);
    else
        printf("%s: %s\n", call, strerror(errno));
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "connected ADDRESS");

    struct addrinfo *here;
    int error = address_find(argv[1], "0", SOCK_DGRAM, AI_PASSIVE, &here);
    if (error != 0)
        errx(1, "%s: %s", argv[1], gai_strerror(error));
    const socklen_t size = here->ai_addrlen;

    struct sockaddr_storage ours, peers, strangers;
    int sock = bound_socket(here, &ours);
    int peer = bound_socket(here, &peers);
    int stranger = bound_socket(here, &strangers);
    freeaddrinfo(here);

    const struct timeval limit = {.tv_usec = 100000};
    if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1)
        err(1, "SO_RCVTIMEO");

    if (connect(sock, (struct sockaddr *)&peers, size) == -1)
        err(1, "connect");
    printf("connected %s", address_text(&ours).text);
    printf(" to %s\n", address_text(&peers).text);

    char text[16];
    send_from(stranger, "a stranger", &ours, size);
    send_from(peer, "the peer", &ours, size);
    ssize_t n = recv(sock, text, sizeof text, 0);
    if (n == -1)
        err(1, "recv");
    printf("recv: %zd bytes: %.*s\n", n, (int)n, text);

    // The first datagram to a closed port comes back as an ICMP message. The
    // next call on the socket fails with it, whatever the call is for.
    close(peer);
    printf("nobody listens at %s any more\n", address_text(&peers).text);
    report("send", send(sock, "hello", 5, 0));
    report("recv", recv(sock, text, sizeof text, 0));
    report("send", send(sock, "hello", 5, 0));
    poll(&(struct pollfd){.fd = sock}, 1, 1000); // POLLERR comes unasked
    report("send", send(sock, "hello", 5, 0));

    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    if (connect(sock, &nobody, sizeof nobody) == -1)
        err(1, "connect to nobody");
    printf("no longer connected\n");
    report("sendto",
           sendto(sock, "hello", 5, 0, (struct sockaddr *)&peers, size));
    report("recv", recv(sock, text, sizeof text, 0));

    close(stranger);
    close(sock);
    return 0;
}
