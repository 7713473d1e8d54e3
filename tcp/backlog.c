/*
 * tcp/backlog.c -- how many connections complete before any is accepted.
 *
 * Shows:   The kernel completes the three-way handshake by itself. Established
 *          connections wait in the accept queue, and the backlog of listen is
 *          its length, at most net.core.somaxconn; on Linux one more fits in.
 *          The next client is not refused: the kernel drops its SYN, as if the
 *          network had lost it, and one second later it is sent again.
 *
 * Run:     $ build/tcp/backlog 127.0.0.1 2
 *
 * Prints:  ready on 127.0.0.1:<port>, backlog 2
 *          client 1 ESTABLISHED, queue 1 of 2
 *          client 2 ESTABLISHED, queue 2 of 2
 *          client 3 ESTABLISHED, queue 3 of 2
 *          client 4 SYN_SENT, queue 3 of 2
 *          accepted client 1, queue 2 of 2
 *          client 4 ESTABLISHED, queue 3 of 2, SYN sent <2> times
 *
 * Read:    socket(2), bind(2), listen(2), tcp(7), connect(2), accept(2)
 */
#define _GNU_SOURCE // struct tcp_info
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/address.h"
#include "port_state.h"

#define BACKLOG_MAX 100 // more would take too many descriptors to fill

// What the kernel knows of a socket. Of a listener: tcpi_unacked is how many
// connections wait, tcpi_sacked how many may. ss(8) shows the same two.
static struct tcp_info info_of(int sock)
{
    struct tcp_info info;
    socklen_t length = sizeof info;

    if (getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info, &length) == -1)
        err(1, "getsockopt");
    return info;
}

// Connect without waiting longer than that; the kernel goes on trying.
static int start_connect(const struct sockaddr_storage *there, int timeout_ms)
{
    int client = socket(there->ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (client == -1)
        err(1, "socket");
    if (connect(client, (const struct sockaddr *)there, sizeof *there) == -1 &&
        errno != EINPROGRESS) // the SYN is out, the answer will come
        err(1, "connect");
    struct pollfd answer = {.fd = client, .events = POLLOUT};
    if (poll(&answer, 1, timeout_ms) == -1)
        err(1, "poll");
    return client;
}

static void print_client(long n, int client, int listener, const char *end)
{
    printf("client %ld %s, queue %u of %u%s", n,
           tcp_state_name(info_of(client).tcpi_state),
           info_of(listener).tcpi_unacked, info_of(listener).tcpi_sacked, end);
}

int main(int argc, char *argv[])
{
    program_start();
    long backlog;
    if (!parse_flags(argc, argv, NULL) || argc - optind != 2 ||
        !parse_long(argv[optind + 1], 0, INT_MAX, &backlog))
        return usage(argc, argv, "backlog ADDRESS N");

    struct addrinfo *found;
    int error =
        address_find(argv[optind], "0", SOCK_STREAM, AI_PASSIVE, &found);
    if (error != 0)
        errx(1, "%s: %s", argv[optind], gai_strerror(error));
    int listener = socket(found->ai_family, SOCK_STREAM, 0);
    if (listener == -1)
        err(1, "socket");
    if (bind(listener, found->ai_addr, found->ai_addrlen) == -1)
        err(1, "bind%s", bind_advice(errno));
    freeaddrinfo(found);
    if (listen(listener, (int)backlog) == -1)
        err(1, "listen");

    struct sockaddr_storage here = {0};
    socklen_t here_len = sizeof here;
    if (getsockname(listener, (struct sockaddr *)&here, &here_len) == -1)
        err(1, "getsockname");
    program_ready("ready on %s, backlog %ld\n", address_text(&here).text,
                  backlog);
    long granted = (long)info_of(listener).tcpi_sacked;
    if (granted < backlog)
        printf("net.core.somaxconn allows %ld\n", granted);
    if (granted > BACKLOG_MAX)
        return 0;

    int client = -1; // the last one; those before it wait and need no name
    for (long n = 1; n <= granted + 2; n++) {
        client = start_connect(&here, 100);
        print_client(n, client, listener, "\n");
    }

    if (isatty(STDIN_FILENO)) { // time to look at it from outside
        printf("try ss -tan in another terminal; Enter goes on\n");
        struct pollfd enter = {.fd = STDIN_FILENO, .events = POLLIN};
        poll(&enter, 1, 30000);
    }

    if (accept(listener, NULL, NULL) == -1)
        err(1, "accept");
    printf("accepted client 1, queue %u of %ld\n",
           info_of(listener).tcpi_unacked, granted);
    struct pollfd answer = {.fd = client, .events = POLLOUT};
    if (poll(&answer, 1, 10000) == 0)
        errx(1, "client %ld got no answer in 10 s", granted + 2);
    print_client(granted + 2, client, listener, "");
    printf(", SYN sent %u times\n", 1 + info_of(client).tcpi_total_retrans);
    return 0;
}
