/*
 * udp/relay/conversation.h -- who talks to whom through the relay.
 *
 *       client              relay                      server
 *
 *     127.0.0.1:1111 ---> :9401  :2222 ------------> 127.0.0.1:9400
 *                                  ^
 *                    <--- :3333    +---------------- 127.0.0.1:4444
 *
 * The server sees a port of its own for each client. And the client sees a port
 * of its own for each port that the server answers from, which need not be the
 * one that was called: TFTP answers from a new one. What the client sends to
 * :3333 goes to :4444.
 */
#ifndef UDP_RELAY_CONVERSATION_H
#define UDP_RELAY_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/address.h"
#include "../number_list.h"
#include "queue.h"

#define CONVERSATIONS_MAX 128
#define PORTS_MAX 16
#define BUFFER (4 * 1024 * 1024) // bytes: nothing else should be lost here
#define RECENT 1000000           // microseconds: still alive

struct port {
    int sock;            // where the client sees it
    uint32_t overflowed; // what SO_RXQ_OVFL said of it last
    struct sockaddr_storage server;
};

struct conversation {
    uint32_t number; // from 1
    struct sockaddr_storage client;
    int sock;            // where the server sees the client
    uint32_t overflowed; // what SO_RXQ_OVFL said of it last
    struct port ports[PORTS_MAX];
    int port_count; // ports[0] is the one that everybody calls
    int64_t last;   // when something came
    uint32_t came[2];
    struct number_list drop[2];
    struct waiting *held[2]; // back, until another one has passed it
    uint32_t held_number[2];
};

struct conversations {
    struct conversation *list[CONVERSATIONS_MAX];
    int count;
    uint32_t number;    // of the last one begun
    struct port called; // the one that everybody calls
    socklen_t client_len, server_len;
};

// A socket that is never waited for, and says what it had to drop; -1 and
// errno.
static inline int conversation_socket(int family)
{
    const int yes = 1, size = BUFFER;

    int sock = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (sock != -1) {
        setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        setsockopt(sock, SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof yes);
    }
    return sock;
}

// The address with port 0. Ports stand at the same place in both families.
static inline struct sockaddr_storage
host_of(const struct sockaddr_storage *address)
{
    struct sockaddr_storage host = *address;

    memset((char *)&host + offsetof(struct sockaddr_in, sin_port), 0,
           sizeof(in_port_t));
    return host;
}

// End one of them. What waits in the queue to be sent for it is not sent.
static inline void conversation_end(struct conversations *all, int which,
                                    struct queue *queue)
{
    struct conversation *c = all->list[which];

    for (size_t i = 0; i < queue->count; i++) {
        int *sock = &queue->heap[i]->sock;
        for (int p = 1; p < c->port_count; p++)
            if (*sock == c->ports[p].sock)
                *sock = -1;
        if (*sock == c->sock)
            *sock = -1;
    }
    for (int p = 1; p < c->port_count; p++)
        close(c->ports[p].sock);
    close(c->sock);
    free(c->held[0]);
    free(c->held[1]);
    free(c);
    all->list[which] = all->list[--all->count];
}

// The conversation with that client; a new one if need be. NULL if there are
// too many, and none that has been quiet for a while could make room.
static inline struct conversation *
conversation_with(struct conversations *all, struct queue *queue,
                  const struct sockaddr_storage *client, int64_t now)
{
    int oldest = 0;

    for (int i = 0; i < all->count; i++) {
        if (address_same(client, &all->list[i]->client))
            return all->list[i];
        if (all->list[i]->last < all->list[oldest]->last)
            oldest = i;
    }
    if (all->count == CONVERSATIONS_MAX) {
        if (now - all->list[oldest]->last < RECENT)
            return NULL;
        conversation_end(all, oldest, queue);
    }

    struct conversation *c = calloc(1, sizeof *c);
    int sock = conversation_socket(all->called.server.ss_family);
    if (!c || sock == -1) {
        free(c);
        close(sock);
        return NULL;
    }
    c->number = ++all->number;
    c->client = *client;
    c->sock = sock;
    c->ports[0] = all->called;
    c->port_count = 1;
    all->list[all->count++] = c;
    return c;
}

// The port of the server that has answered; a new one if need be. NULL if that
// is another host, or if there are too many.
static inline struct port *
conversation_port(const struct conversations *all, struct conversation *c,
                  const struct sockaddr_storage *server)
{
    for (int p = 0; p < c->port_count; p++)
        if (address_same(&c->ports[p].server, server))
            return &c->ports[p];

    struct sockaddr_storage ours = host_of(server);
    struct sockaddr_storage theirs = host_of(&all->called.server);
    socklen_t length = sizeof ours;
    if (!address_same(&ours, &theirs) || c->port_count == PORTS_MAX ||
        getsockname(all->called.sock, (struct sockaddr *)&ours, &length) == -1)
        return NULL;

    struct port new = {.sock = conversation_socket(ours.ss_family),
                       .server = *server};
    ours = host_of(&ours);
    if (new.sock == -1 ||
        bind(new.sock, (struct sockaddr *)&ours, length) == -1) {
        close(new.sock);
        return NULL;
    }
    c->ports[c->port_count] = new;
    return &c->ports[c->port_count++];
}

#endif
