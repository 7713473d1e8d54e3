/*
 * tcp/backlog.c -- how many connections complete before anybody accepts them.
 *
 * Shows:   The kernel shakes hands by itself. Connections that are complete
 *          wait in a queue for accept, and the backlog of listen is its length;
 *          the kernel takes one more. Whoever comes then is not refused: the
 *          kernel drops the SYN as if it were lost, and the caller sends it
 *          again, one second later.
 *
 * Run:     $ build/tcp/backlog 127.0.0.1 2
 *
 * Prints:  ready on 127.0.0.1:<port>, backlog 2
 *          client 1 ESTABLISHED, queue 1 of 2
 *          client 2 ESTABLISHED, queue 2 of 2
 *          client 3 ESTABLISHED, queue 3 of 2
 *          client 4 SYN_SENT, queue 3 of 2
 *          accepted client 1, queue 2 of 2
 *          client 4 ESTABLISHED, queue 3 of 2, after <1> SYN more
 *
 * Read:    listen(2), connect(2), tcp(7), accept(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
#include "port_state.h"
#include "sockets.h"

// What the kernel knows of a socket. Of one that listens: tcpi_unacked is how
// many connections wait, tcpi_sacked how many may. ss(8) shows the same two.
static struct tcp_info about(int sock)
{
    struct tcp_info info;
    socklen_t length = sizeof info;

    if (getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info, &length) == -1)
        err(1, "getsockopt");
    return info;
}

int main(int argc, char *argv[])
{
    program_start();
    long backlog;
    if (argc != 3 || !parse_long(argv[2], 0, 100, &backlog))
        return usage(argc, argv, "backlog ADDRESS N");

    int door = listen_on(argv[1], "0", (int)backlog);
    if (door == -1)
        return 1;
    struct sockaddr_storage here = {0};
    socklen_t here_len = sizeof here;
    if (getsockname(door, (struct sockaddr *)&here, &here_len) == -1)
        err(1, "getsockname");
    printf("ready on %s, backlog %ld\n", address_text(&here).text, backlog);

    int client = -1; // the last one; those before it wait and need no name
    for (long n = 1; n <= backlog + 2; n++) {
        client = socket(here.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (client == -1)
            err(1, "socket");
        if (connect(client, (struct sockaddr *)&here, here_len) == -1 &&
            errno != EINPROGRESS) // the SYN is out, the answer will come
            err(1, "connect");
        struct pollfd answer = {.fd = client, .events = POLLOUT};
        if (poll(&answer, 1, 100) == -1)
            err(1, "poll");
        printf("client %ld %s, queue %u of %u\n", n,
               tcp_state_name(about(client).tcpi_state),
               about(door).tcpi_unacked, about(door).tcpi_sacked);
    }

    if (isatty(STDIN_FILENO)) { // a moment to look at it from outside
        printf("try ss -tan in another terminal; Enter goes on\n");
        struct pollfd enter = {.fd = STDIN_FILENO, .events = POLLIN};
        poll(&enter, 1, 30000);
    }

    struct sockaddr_storage there;
    if (accept_from(door, &there) == -1)
        err(1, "accept");
    printf("accepted client 1, queue %u of %u\n", about(door).tcpi_unacked,
           about(door).tcpi_sacked);

    struct pollfd answer = {.fd = client, .events = POLLOUT};
    if (poll(&answer, 1, 10000) == 0)
        errx(1, "client %ld got no answer in 10 s", backlog + 2);
    printf("client %ld %s, queue %u of %u, after %u SYN more\n", backlog + 2,
           tcp_state_name(about(client).tcpi_state), about(door).tcpi_unacked,
           about(door).tcpi_sacked, about(client).tcpi_total_retrans);
    return 0;
}
