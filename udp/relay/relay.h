/*
 * udp/relay/relay.h -- all that the relay knows while it runs.
 */
#ifndef UDP_RELAY_RELAY_H
#define UDP_RELAY_RELAY_H

#include <stddef.h>
#include <stdint.h>

#include "delay_queue.h"
#include "sessions.h"
#include "settings.h"
#include "trace.h"

struct relay {
    struct settings settings;
    struct sessions sessions;
    struct delay_queue queue;
    int64_t first_rx, last_rx; // by clock_us(); 0: nothing yet
    unsigned long totals[2][EVENTS];
};

// forward.c: decide what becomes of a datagram that came by this port of the
// session, say so, and put it into the queue. May change the bytes.
void forward(struct relay *r, struct session *s, enum direction direction,
             const struct port *port, uint8_t *bytes, size_t size, int64_t now);

// Send what is due by now. Returns when there is something to do again.
int64_t send_due(struct relay *r, int64_t now);

// receive.c: wait for datagrams until then, or for ever if that is INT64_MAX,
// and forward those that come. A signal ends the wait.
void receive_until(struct relay *r, int64_t until);

#endif
