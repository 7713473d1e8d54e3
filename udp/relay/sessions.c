/*
 * udp/relay/sessions.c -- clients, and the ports of the server.
 */
#include "sessions.h"

#include <err.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../common/address.h"

#define RECEIVE_BUFFER (4 * 1024 * 1024) // bytes: no loss but on purpose
#define IDLE_US 1000000                  // then a session may be ended

int session_socket(int family)
{
    const int yes = 1, size = RECEIVE_BUFFER;

    int sock = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (sock != -1) {
        setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        setsockopt(sock, SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof yes);
    }
    return sock;
}

// The address with port 0. Ports stand at the same place in both families.
static struct sockaddr_storage host_of(const struct sockaddr_storage *address)
{
    struct sockaddr_storage host = *address;

    memset((char *)&host + offsetof(struct sockaddr_in, sin_port), 0,
           sizeof(in_port_t));
    return host;
}

// What waits in the queue to be sent with this socket is not sent.
static void forget_socket(struct delay_queue *queue, int sock)
{
    for (size_t i = 0; i < queue->count; i++)
        if (queue->heap[i]->sock == sock)
            queue->heap[i]->sock = -1;
    close(sock);
}

static void end_session(struct sessions *all, int which,
                        struct delay_queue *queue)
{
    struct session *s = all->list[which];

    for (int p = 1; p < s->port_count; p++)
        forget_socket(queue, s->ports[p].sock);
    forget_socket(queue, s->sock);
    free(s->reordered[0]);
    free(s->reordered[1]);
    free(s);
    all->list[which] = all->list[--all->count];
}

void sessions_end(struct sessions *all, struct delay_queue *queue)
{
    while (all->count > 0)
        end_session(all, 0, queue);
}

struct session *session_with(struct sessions *all, struct delay_queue *queue,
                             const struct sockaddr_storage *client, int64_t now)
{
    int idlest = 0;

    for (int i = 0; i < all->count; i++) {
        if (address_same(client, &all->list[i]->client))
            return all->list[i];
        if (all->list[i]->last_rx < all->list[idlest]->last_rx)
            idlest = i;
    }
    if (all->count == SESSIONS_MAX) {
        if (now - all->list[idlest]->last_rx < IDLE_US)
            return NULL;
        end_session(all, idlest, queue);
    }

    struct session *s = calloc(1, sizeof *s);
    int sock = session_socket(all->called.server.ss_family);
    if (!s || sock == -1) {
        warn("a session");
        free(s);
        if (sock != -1)
            close(sock);
        return NULL;
    }
    s->number = ++all->number;
    s->client = *client;
    s->sock = sock;
    s->ports[0] = all->called;
    s->port_count = 1;
    all->list[all->count++] = s;
    return s;
}

struct port *session_port(const struct sessions *all, struct session *s,
                          const struct sockaddr_storage *server)
{
    for (int p = 0; p < s->port_count; p++)
        if (address_same(&s->ports[p].server, server))
            return &s->ports[p];

    struct sockaddr_storage host = host_of(server);
    struct sockaddr_storage called = host_of(&all->called.server);
    struct sockaddr_storage here;
    socklen_t length = sizeof here;
    if (!address_same(&host, &called) || s->port_count == PORTS_MAX ||
        getsockname(all->called.sock, (struct sockaddr *)&here, &length) == -1)
        return NULL;

    struct port new = {.sock = session_socket(here.ss_family),
                       .server = *server};
    here = host_of(&here);
    if (new.sock == -1 ||
        bind(new.sock, (struct sockaddr *)&here, length) == -1) {
        if (new.sock != -1)
            close(new.sock);
        return NULL;
    }
    s->ports[s->port_count] = new;
    return &s->ports[s->port_count++];
}
