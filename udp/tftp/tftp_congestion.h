/*
 * udp/tftp/tftp_congestion.h -- how many blocks the sender of a file may have
 * in flight.
 *
 * The congestion window doubles every round trip until a queue on the way seems
 * to be full; then it is reduced, and grows by one block a round trip. RFC 5681
 * in spirit, but TCP takes any loss for a full queue. A radio link loses
 * packets as well, and there it would not help to send fewer. A full queue
 * shows otherwise, too: packets that stand in it take longer; or, if the queue
 * is short, many of them are lost.
 */
#ifndef UDP_TFTP_TFTP_CONGESTION_H
#define UDP_TFTP_TFTP_CONGESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "../rto.h"

#define TFTP_CONGESTION_FIRST 32 // blocks; RFC 6928 has 10 for the Internet
#define TFTP_CONGESTION_MIN 8

struct tftp_congestion {
    unsigned window;        // cwnd of the RFC, in blocks
    unsigned threshold;     // ssthresh: up to here it doubles
    unsigned max;           // what the receiver allows
    unsigned ack_count;     // blocks acknowledged since it grew by one
    unsigned lost, arrived; // blocks since the last reduction, or try at it
    int64_t last_reduction; // when that was
    int64_t min_rtt;        // 0: none yet
};

static inline void tftp_congestion_start(struct tftp_congestion *c,
                                         unsigned window, unsigned max)
{
    *c = (struct tftp_congestion){.window = window, .max = max};
    c->threshold = max;
}

// A block has arrived there.
static inline void tftp_congestion_arrived(struct tftp_congestion *c)
{
    c->arrived++;
    if (c->window < c->threshold) {
        c->window++;
    } else if (++c->ack_count >= c->window) {
        c->ack_count = 0;
        c->window += c->window < c->max;
    }
}

// A block is lost: reduce the window, at most once a round trip: by half if
// many are lost, by a tenth if packets take longer.
static inline void tftp_congestion_lost(struct tftp_congestion *c,
                                        const struct rto *rto, int64_t now)
{
    bool late = rto->srtt > 2 * c->min_rtt + RTO_GRANULARITY;

    c->lost++;
    if (now - c->last_reduction <= rto->srtt)
        return;
    bool many = c->lost * 4 > c->lost + c->arrived;
    if (many)
        c->window /= 2;
    else if (late)
        c->window -= (c->window + 9) / 10;
    if (c->window < TFTP_CONGESTION_MIN)
        c->window = TFTP_CONGESTION_MIN;
    if (late || many)
        c->threshold = c->window;
    c->last_reduction = now;
    c->lost = c->arrived = 0;
}

// No answer came in time: begin anew.
static inline void tftp_congestion_expired(struct tftp_congestion *c,
                                           int64_t now)
{
    c->threshold = c->window;
    c->window = TFTP_CONGESTION_MIN;
    c->last_reduction = now;
}

#endif
