/*
 * udp/relay/sessions.h -- which client talks to which port of the server.
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
#ifndef UDP_RELAY_SESSIONS_H
#define UDP_RELAY_SESSIONS_H

#include <stdint.h>
#include <sys/socket.h>

#include "../number_list.h"
#include "delay_queue.h"

#define SESSIONS_MAX 128
#define PORTS_MAX 16

struct port {
    int sock;          // where the client sees it
    uint32_t overflow; // what SO_RXQ_OVFL said of it last
    struct sockaddr_storage server;
};

struct session {
    uint32_t number; // from 1
    struct sockaddr_storage client;
    int sock;          // where the server sees the client
    uint32_t overflow; // what SO_RXQ_OVFL said of it last
    struct port ports[PORTS_MAX];
    int port_count;  // ports[0] is the one that all clients call
    int64_t last_rx; // when something came, by clock_us()
    uint32_t received[2];
    struct number_list drop[2];
    struct delayed *reordered[2]; // until another one has passed it
    uint32_t reordered_number[2];
};

struct sessions {
    struct session *list[SESSIONS_MAX];
    int count;
    uint32_t number;    // of the last one begun
    struct port called; // the one that all clients call
    socklen_t client_len, server_len;
};

// A socket that never blocks, and says what its receive buffer had no room for;
// -1 and errno.
int session_socket(int family);

// The session with that client; a new one if need be. NULL if there are too
// many, and none that has been idle for a second could be ended.
struct session *session_with(struct sessions *all, struct delay_queue *queue,
                             const struct sockaddr_storage *client,
                             int64_t now);

// The port of the server that has answered; a new one if need be. NULL if that
// is another host, or if there are too many.
struct port *session_port(const struct sessions *all, struct session *s,
                          const struct sockaddr_storage *server);

// End them all.
void sessions_end(struct sessions *all, struct delay_queue *queue);

#endif
