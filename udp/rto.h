/*
 * udp/rto.h -- how long to wait for an answer before sending again.
 *
 * The retransmission timer of RFC 6298: the mean of the round trips so far, and
 * four times how far they stray from it. Pure: the caller has the clock. All
 * times are in microseconds.
 */
#ifndef UDP_RTO_H
#define UDP_RTO_H

#include <stdint.h>

#define RTO_GRANULARITY 1000 // of the clock: G in the RFC

struct rto {
    int64_t mean;        // SRTT; 0 as long as nothing was measured
    int64_t deviation;   // RTTVAR
    int64_t timeout;     // RTO: wait this long
    int64_t least, most; // bounds of timeout
};

static inline int64_t rto_bounded(const struct rto *r, int64_t timeout)
{
    if (timeout < r->least)
        return r->least;
    return timeout > r->most ? r->most : timeout;
}

// A timer that has measured nothing yet, and waits as long as first. The RFC
// says 1 s for that and for least, and 60 s or more for most. A least of 1 s
// is for TCP across the world, where an ACK may be held back; on a LAN, and
// with a peer that answers at once, what matters is how late a busy host may
// be.
static inline struct rto rto_start(int64_t first, int64_t least, int64_t most)
{
    struct rto r = {.least = least, .most = most};

    r.timeout = rto_bounded(&r, first);
    return r;
}

// An answer came round_trip after its message was last sent; that was sent so
// many times. If it was more than once, nobody can say which of them was
// answered: then nothing is measured, and a longer timeout stays (Karn).
// RFC 6298, sections 2 and 3.
static inline void rto_answered(struct rto *r, int64_t round_trip, int times)
{
    if (times > 1)
        return;
    if (r->mean == 0) {
        r->mean = round_trip;
        r->deviation = round_trip / 2;
    } else {
        int64_t off = r->mean - round_trip;
        r->deviation = (3 * r->deviation + (off < 0 ? -off : off)) / 4;
        r->mean = (7 * r->mean + round_trip) / 8;
    }

    int64_t margin = 4 * r->deviation;
    r->timeout = rto_bounded(
        r, r->mean + (margin > RTO_GRANULARITY ? margin : RTO_GRANULARITY));
}

// No answer came in time: back off. RFC 6298, section 5.5.
static inline void rto_expired(struct rto *r)
{
    r->timeout = rto_bounded(r, 2 * r->timeout);
}

#endif
