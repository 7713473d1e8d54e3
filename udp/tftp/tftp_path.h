/*
 * udp/tftp/tftp_path.h -- a model of the path to the receiver: how many blocks
 * may be in flight, and how soon the next one may follow.
 *
 *     rate            blocks a microsecond that arrive there: the highest of
 *                     the last ten round trips
 *     min_rtt         a round trip that met no queue
 *     rate * min_rtt  the bandwidth-delay product, BDP: so many blocks in
 *                     flight fill the line, and no queue
 *
 * TCP takes any loss for a full queue. A radio link loses packets as well, and
 * there it does not help to send fewer. So what counts here is not what is lost
 * but what arrives, as in BBR: blocks are sent at the rate at which they
 * arrive, and now and then a quarter faster, to see whether more would; then a
 * quarter slower, so that a queue which that made is gone. At most two BDP are
 * in flight. Where packets take longer, others stand in the same queue: up to
 * three BDP then, as these would take all of it, but fewer after each loss.
 *
 * Source: draft-cardwell-iccrg-bbr-congestion-control-02.
 *
 * Pure: the caller has the clock, in microseconds.
 */
#ifndef UDP_TFTP_TFTP_PATH_H
#define UDP_TFTP_TFTP_PATH_H

#include <stdbool.h>
#include <stdint.h>

#define TFTP_PATH_FIRST 32   // blocks; RFC 6928 has 10 for the Internet
#define TFTP_PATH_MIN 8      //
#define TFTP_PATH_ROUNDS 10  // that a rate is remembered
#define TFTP_PATH_PHASES 8   // faster, slower, and six as the rate is
#define TFTP_PATH_SHARE 0.5  // of two BDP, at least,
#define TFTP_PATH_MORE 1.5   // and at most
#define TFTP_PATH_BUSY 2000  // microseconds that a receiver may be late
#define TFTP_PATH_BURST 1000 // microseconds' worth of blocks sent at once

// What was known when a block was sent.
struct tftp_path_stamp {
    int64_t delivered;    // blocks that had arrived,
    int64_t delivered_at; // when the last of them did,
    int64_t from;         // and when that one was sent
};

struct tftp_path {
    unsigned window;                       // blocks that may be in flight
    unsigned max;                          // what the receiver allows
    int64_t delivered, delivered_at, from; // see tftp_path_stamp
    struct tftp_path_stamp newest; // of the block sent last that has arrived
    int64_t newest_sent;           // when that was
    double rates[TFTP_PATH_ROUNDS];
    unsigned round;    // rates[round % TFTP_PATH_ROUNDS] is this one's
    int64_t round_end; // when a block arrives that was sent after so many
    int64_t min_rtt;   // 0: none yet
    bool is_full;      // the rate has been found: no longer doubling
    double full_rate;  // the highest while doubling,
    unsigned full_for; // and for how many rounds it has hardly grown
    int64_t phase_start;
    unsigned phase;
    int64_t next_send;
    unsigned lost, arrived; // blocks, this round
    double share; // of two BDP: other than 1 where others fill the queue
};

static inline void tftp_path_start(struct tftp_path *p, unsigned window,
                                   unsigned max)
{
    *p = (struct tftp_path){.window = window, .max = max, .share = 1};
}

static inline double tftp_path_rate(const struct tftp_path *p)
{
    double rate = 0;

    for (int i = 0; i < TFTP_PATH_ROUNDS; i++)
        rate = p->rates[i] > rate ? p->rates[i] : rate;
    return rate;
}

// How much faster than that blocks are sent.
static inline double tftp_path_gain(const struct tftp_path *p)
{
    if (!p->is_full)
        return 2.89; // 2 / ln 2: as much as doubling needs
    return p->phase == 0 ? 1.25 : p->phase == 1 ? 0.75 : 1;
}

// When the next block may be sent; 0: now. A path shorter than a receiver may
// be late has no need of that: its ACKs say when.
static inline int64_t tftp_path_next(const struct tftp_path *p, int64_t now)
{
    return p->min_rtt > TFTP_PATH_BUSY && p->next_send > now ? p->next_send : 0;
}

// A block is sent, in_flight others are on their way.
static inline struct tftp_path_stamp
tftp_path_sent(struct tftp_path *p, unsigned in_flight, int64_t now)
{
    double rate = tftp_path_rate(p);

    if (in_flight == 0) // nothing arrived because nothing was sent
        p->delivered_at = p->from = now;
    if (p->next_send < now - TFTP_PATH_BURST)
        p->next_send = now - TFTP_PATH_BURST;
    if (rate > 0)
        p->next_send += (int64_t)(1 / (rate * tftp_path_gain(p)) + 0.5);
    return (struct tftp_path_stamp){p->delivered, p->delivered_at, p->from};
}

// A block has arrived that was sent at that time, with that stamp.
static inline void tftp_path_arrived(struct tftp_path *p,
                                     const struct tftp_path_stamp *stamp,
                                     int64_t sent, int64_t now)
{
    p->delivered++;
    p->delivered_at = now;
    p->arrived++;
    if (sent >= p->newest_sent) {
        p->newest = *stamp;
        p->newest_sent = p->from = sent;
    }
    if (!p->is_full && p->window < p->max)
        p->window++;
}

static inline void tftp_path_lost(struct tftp_path *p)
{
    p->lost++;
}

// The rate at which blocks arrived since the newest one was sent: by the clock
// of the ACKs, but not faster than they were sent, as ACKs may come in a heap.
static inline void tftp_path_measure(struct tftp_path *p, int64_t now)
{
    int64_t acks = now - p->newest.delivered_at;
    int64_t sends = p->newest_sent - p->newest.from;
    int64_t time = acks > sends ? acks : sends;
    double *rate = &p->rates[p->round % TFTP_PATH_ROUNDS];

    if (time <= 0 || time < p->min_rtt)
        return; // the ACK of an earlier copy
    double sample = (double)(p->delivered - p->newest.delivered) / (double)time;
    if (sample > *rate)
        *rate = sample;
}

// A round trip is over. is_late: packets stand in a queue.
static inline void tftp_path_end_round(struct tftp_path *p, bool is_late)
{
    double rate = tftp_path_rate(p);
    unsigned sent = p->lost + p->arrived;

    if (rate > 1.25 * p->full_rate) {
        p->full_rate = rate;
        p->full_for = 0;
    } else if (++p->full_for >= 3) {
        p->is_full = true;
    }
    // A queue that is full: no need to wait. Without one, a quarter may be lost
    // before that is not the fault of a radio link.
    p->is_full = p->is_full || p->lost * (is_late ? 50 : 4) > sent;
    if (is_late && p->lost * 100 > sent)
        p->share *= 0.6;
    else
        p->share *= is_late ? 1.01 : p->share < 1 ? 1.015 : 0.99;
    p->share = p->share < TFTP_PATH_SHARE ? TFTP_PATH_SHARE : p->share;
    p->share = p->share > TFTP_PATH_MORE ? TFTP_PATH_MORE : p->share;
    p->lost = p->arrived = 0;
    p->round++;
    p->rates[p->round % TFTP_PATH_ROUNDS] = 0;
    p->round_end = p->delivered;
}

// A phase takes a round trip; the slower one as long as there is a queue, but
// not for ever, as it may be that of others. It comes first.
static inline void tftp_path_set_phase(struct tftp_path *p, int64_t rtt,
                                       int64_t now)
{
    int64_t end = p->phase_start + p->min_rtt;
    bool is_queued = rtt == 0 || rtt > p->min_rtt + p->min_rtt / 8;

    if (p->phase == 1 && is_queued)
        end += 4 * p->min_rtt;
    if (!p->is_full || now < end)
        return;
    p->phase = p->phase_start == 0 ? 1 : (p->phase + 1) % TFTP_PATH_PHASES;
    p->phase_start = now;
}

// Two BDP: one is on the line, and ACKs do not come one by one.
static inline void tftp_path_set_window(struct tftp_path *p)
{
    int64_t rtt = p->min_rtt > TFTP_PATH_BUSY ? p->min_rtt : TFTP_PATH_BUSY;
    double window = 2 * p->share * tftp_path_rate(p) * (double)rtt;

    p->window = window > p->max ? p->max : (unsigned)window;
    if (p->window < TFTP_PATH_MIN)
        p->window = p->max < TFTP_PATH_MIN ? p->max : TFTP_PATH_MIN;
}

// All blocks that an ACK speaks of have arrived. rtt: the round trip that it
// has measured, or 0; srtt: the mean.
static inline void tftp_path_acked(struct tftp_path *p, int64_t rtt,
                                   int64_t srtt, int64_t now)
{
    if (rtt > 0 && (p->min_rtt == 0 || rtt < p->min_rtt))
        p->min_rtt = rtt;
    tftp_path_measure(p, now);
    if (p->newest.delivered >= p->round_end)
        tftp_path_end_round(p, srtt > p->min_rtt + p->min_rtt / 4 +
                                          TFTP_PATH_BUSY);
    tftp_path_set_phase(p, rtt, now);
    if (p->is_full)
        tftp_path_set_window(p);
}

// No answer came in time: few blocks until one arrives, and then fewer than
// before.
static inline void tftp_path_expired(struct tftp_path *p)
{
    p->window = TFTP_PATH_MIN < p->max ? TFTP_PATH_MIN : p->max;
    p->share = p->share / 2 < TFTP_PATH_SHARE ? TFTP_PATH_SHARE : p->share / 2;
    p->next_send = 0;
}

#endif
