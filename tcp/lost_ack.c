/*
 * tcp/lost_ack.c -- the accept queue is full when the third ACK comes.
 *
 * Shows:   A handshake that began while there was room may find the queue full
 *          when it ends. The client has its SYN-ACK and is ESTABLISHED; the
 *          server drops the ACK that should complete the connection, and what
 *          comes with it, and stays in SYN_RECV. The two disagree until accept
 *          makes room and the client sends again. To have time between SYN and
 *          ACK, the listener sets TCP_DEFER_ACCEPT here: it takes no ACK that
 *          carries no data.
 *
 * Run:     $ build/tcp/lost_ack 127.0.0.1
 *
 * Prints:  ready on 127.0.0.1:<port>, backlog 2
 *          client 1: ESTABLISHED, the server has ESTABLISHED
 *          client 2: ESTABLISHED, the server has ESTABLISHED
 *          client 3: ESTABLISHED, the server has SYN_RECV
 *          client 4: ESTABLISHED, the server has SYN_RECV
 *          3 and 4 send a byte each
 *          client 3: ESTABLISHED, the server has ESTABLISHED
 *          client 4: ESTABLISHED, the server has SYN_RECV
 *          accepted client 1
 *          client 4: ESTABLISHED, the server has ESTABLISHED
 *
 * Read:    tcp(7), setsockopt(2), connect(2), send(2), accept(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "../common/program.h"
#include "port_state.h"
#include "sockets.h"

static struct sockaddr_storage server;
static socklen_t server_len = sizeof server;

static int connect_client(void)
{
    int client = socket(server.ss_family, SOCK_STREAM, 0);

    if (client == -1)
        err(1, "socket");
    if (connect(client, (struct sockaddr *)&server, server_len) == -1)
        err(1, "connect");
    return client;
}

// What the server has for the state of this client's connection.
static unsigned server_state(int client)
{
    struct sockaddr_storage there = {0};
    socklen_t there_len = sizeof there;

    if (getsockname(client, (struct sockaddr *)&there, &there_len) == -1)
        err(1, "getsockname");
    return tcp_state_find(&server, &there);
}

static void await_established(int client)
{
    for (int tries = 0; server_state(client) != TCP_ESTABLISHED; tries++) {
        if (tries == 1000)
            errx(1, "the connection is not complete after 10 s");
        poll(NULL, 0, 10);
    }
}

static void print_states(int number, int client)
{
    struct tcp_info info = {0};
    socklen_t info_len = sizeof info;

    if (getsockopt(client, IPPROTO_TCP, TCP_INFO, &info, &info_len) == -1)
        err(1, "getsockopt");
    printf("client %d: %s, the server has %s\n", number,
           tcp_state_name(info.tcpi_state),
           tcp_state_name(server_state(client)));
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc - optind != 1)
        return usage(argc, argv, "lost_ack ADDRESS");

    int listener = tcp_listen(argv[optind], "0", 2);
    if (listener == -1)
        return 1;
    if (getsockname(listener, (struct sockaddr *)&server, &server_len) == -1)
        err(1, "getsockname");
    program_ready("ready on %s, backlog 2\n", address_text(&server).text);

    int client[5] = {0}; // from 1; the queue takes three
    client[1] = connect_client();
    client[2] = connect_client();
    const int seconds = 5;
    if (setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds,
                   sizeof seconds) == -1)
        err(1, "setsockopt");
    client[3] = connect_client();
    client[4] = connect_client();
    for (int n = 1; n <= 4; n++)
        print_states(n, client[n]);

    printf("3 and 4 send a byte each\n");
    if (send(client[3], "3", 1, 0) == -1 || send(client[4], "4", 1, 0) == -1)
        err(1, "send");
    await_established(client[3]);
    print_states(3, client[3]);
    print_states(4, client[4]);

    if (accept(listener, NULL, NULL) == -1)
        err(1, "accept");
    printf("accepted client 1\n");
    await_established(client[4]); // until it has sent its byte once more
    print_states(4, client[4]);
    return 0;
}
