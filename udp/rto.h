/*
 * udp/rto.h -- how long to wait for an answer before sending again.
 *
 * The retransmission timer of RFC 6298: the smoothed round-trip time (SRTT) and
 * four times its variation (RTTVAR). Pure: the caller has the clock. All
 * times are in microseconds.
 */
#ifndef UDP_RTO_H
#define UDP_RTO_H

#include <stdint.h>

#define RTO_GRANULARITY 1000 // of the clock: G in the RFC

struct rto {
    int64_t srtt;     // smoothed round-trip time; 0: nothing measured yet
    int64_t rttvar;   // round-trip time variation
    int64_t timeout;  // the RTO: wait this long
    int64_t first;    // the timeout before anything is measured
    int64_t min, max; // bounds of timeout
};

static inline int64_t rto_bounded(const struct rto *r, int64_t timeout)
{
    if (timeout < r->min)
        return r->min;
    return timeout > r->max ? r->max : timeout;
}

// A timer that has measured nothing yet, and waits as long as first. The RFC
// says 1 s for that and for min, and 60 s or more for max. A min of 1 s is for
// TCP across the world, where an ACK may be delayed; on a LAN, and with a peer
// that answers at once, what matters is how late a busy host may be.
static inline struct rto rto_start(int64_t first, int64_t min, int64_t max)
{
    struct rto r = {.first = first, .min = min, .max = max};

    r.timeout = rto_bounded(&r, first);
    return r;
}

// Take back what rto_expired has added: the peer answers again.
static inline void rto_recover(struct rto *r)
{
    int64_t margin = 4 * r->rttvar;

    if (margin < RTO_GRANULARITY)
        margin = RTO_GRANULARITY;
    r->timeout = rto_bounded(r, r->srtt == 0 ? r->first : r->srtt + margin);
}

// An answer came round_trip after its message was last sent; that was sent that
// many times. If more than once, it is not known which of them was answered:
// then nothing is measured, and a longer timeout stays (Karn's algorithm).
// RFC 6298, sections 2 and 3.
static inline void rto_answered(struct rto *r, int64_t round_trip, int times)
{
    if (times > 1)
        return;
    if (r->srtt == 0) {
        r->srtt = round_trip;
        r->rttvar = round_trip / 2;
    } else {
        int64_t off = r->srtt - round_trip;
        r->rttvar = (3 * r->rttvar + (off < 0 ? -off : off)) / 4;
        r->srtt = (7 * r->srtt + round_trip) / 8;
    }
    rto_recover(r);
}

// No answer came in time: back off. RFC 6298, section 5.5.
static inline void rto_expired(struct rto *r)
{
    r->timeout = rto_bounded(r, 2 * r->timeout);
}

#endif
