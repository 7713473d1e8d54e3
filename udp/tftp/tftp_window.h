/*
 * udp/tftp/tftp_window.h -- which blocks the sender of a file may send now.
 *
 *      acknowledged     under way                       not yet
 *     ---------------|----------------------------|----------------
 *                  base ^   ^ arrived behind a gap  next
 *                       |
 *                       lost?
 *
 * With plain TFTP, and RFC 7440, an ACK says no more than base: a window is
 * sent, and where it ends or breaks off the next one begins (go back N). With
 * `sack` it says as well which blocks have come behind a gap. A block is lost
 * when one that was sent later has arrived, and it has had the time to (RACK,
 * RFC 8985): not because an ACK came twice, which happens to ACKs.
 *
 * How many are under way is held down by a congestion window, too: it doubles
 * every round trip until a queue on the way seems to be full, then it gives way
 * and grows by one block a round trip: see tftp_window_lost. RFC 5681 in
 * spirit.
 *
 * Pure: the caller has the clock, in microseconds, and the bytes.
 */
#ifndef UDP_TFTP_TFTP_WINDOW_H
#define UDP_TFTP_TFTP_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "../rto.h"
#include "tftp_agree.h"

#define TFTP_CONGESTION_FIRST 32 // blocks; RFC 6928 has 10 for the Internet
#define TFTP_CONGESTION_LEAST 8

struct tftp_under_way { // a block; its place is its number modulo the window
    int64_t sent;       // when, the last time
    uint8_t times;
    bool arrived;
    bool lost;
};

struct tftp_window {
    int64_t base; // all blocks up to this one are acknowledged; the first is 1
    int64_t next; // the first that was never sent
    int64_t last; // the file's last; INT64_MAX as long as nobody knows
    unsigned window;
    bool selective;
    unsigned congestion, threshold;
    unsigned grown;     // ACKs since it grew
    unsigned in_flight; // sent, neither arrived nor lost
    int64_t newest;     // when that was sent which has arrived last
    int64_t sample;     // the same of those sent once, for this ACK; 0: none
    int64_t gave_way;   // when it was last asked whether to reduce it,
    unsigned round_lost, round_arrived; // and blocks since then
    int64_t quickest;                   // round trip so far; 0: none yet
    uint64_t sent_again;                // blocks
    struct rto rto;
    struct tftp_under_way block[TFTP_WINDOW_MOST];
};

static inline void tftp_window_start(struct tftp_window *w, unsigned window,
                                     bool selective, struct rto rto)
{
    *w = (struct tftp_window){.next = 1, .last = INT64_MAX, .rto = rto};
    w->window = window;
    w->selective = selective;
    w->congestion = selective ? TFTP_CONGESTION_FIRST : window;
    w->threshold = window;
}

static inline struct tftp_under_way *tftp_block(struct tftp_window *w,
                                                int64_t number)
{
    return &w->block[number % w->window];
}

// The next block to be sent: one that is lost, or a new one; 0 if none may be.
static inline int64_t tftp_window_next(struct tftp_window *w, int64_t from)
{
    if (w->in_flight >= w->congestion)
        return 0;
    for (int64_t n = from > w->base ? from : w->base + 1; n < w->next; n++)
        if (tftp_block(w, n)->lost)
            return n;
    if (w->next <= w->last && w->next <= w->base + w->window)
        return w->next;
    return 0;
}

// That one was sent.
static inline void tftp_window_sent(struct tftp_window *w, int64_t number,
                                    int64_t now)
{
    struct tftp_under_way *b = tftp_block(w, number);

    if (number == w->next) {
        w->next++;
        b->times = 0;
    } else {
        w->sent_again++;
    }
    b->sent = now;
    if (b->times < UINT8_MAX)
        b->times++;
    b->arrived = b->lost = false;
    w->in_flight++;
}

// Something is lost: give way, at most once a round trip. TCP takes any loss
// for a full queue. But a radio loses as well, and nobody is helped if we wait
// then. A queue that is full shows otherwise, too: packets take longer, as they
// stand in it; or, if it is a short one, many of them are lost.
static inline void tftp_window_lost(struct tftp_window *w, int64_t now)
{
    bool late = w->rto.mean > 2 * w->quickest + RTO_GRANULARITY;

    w->round_lost++;
    if (now - w->gave_way <= w->rto.mean)
        return;
    if (w->round_lost * 4 > w->round_lost + w->round_arrived)
        w->congestion /= 2;
    else if (late)
        w->congestion -= (w->congestion + 9) / 10;
    if (w->congestion < TFTP_CONGESTION_LEAST)
        w->congestion = TFTP_CONGESTION_LEAST;
    if (late || w->round_lost * 4 > w->round_lost + w->round_arrived)
        w->threshold = w->congestion;
    w->gave_way = now;
    w->round_lost = w->round_arrived = 0;
}

static inline void tftp_window_arrived(struct tftp_window *w, int64_t number,
                                       int64_t now)
{
    struct tftp_under_way *b = tftp_block(w, number);

    if (b->arrived)
        return;
    b->arrived = true;
    w->round_arrived++;
    w->in_flight -= !b->lost;
    b->lost = false;
    // If it was sent twice, it may be the first one that has arrived.
    if (b->sent > w->newest && (b->times == 1 || now - b->sent >= w->rto.mean))
        w->newest = b->sent;
    if (b->times == 1 && b->sent > w->sample)
        w->sample = b->sent;
    if (w->congestion < w->threshold) {
        w->congestion++;
    } else if (++w->grown >= w->congestion) {
        w->grown = 0;
        w->congestion += w->congestion < w->window;
    }
}

// A round trip, if this ACK has told one: one an ACK is enough (Karn).
static inline void tftp_window_measure(struct tftp_window *w, int64_t now)
{
    int64_t trip = now > w->sample ? now - w->sample : 1;

    if (w->sample == 0)
        return;
    rto_answered(&w->rto, trip, 1);
    if (w->quickest == 0 || trip < w->quickest)
        w->quickest = trip;
}

// What is lost by now, of what is under way. Returns when to look again: 0 if
// there is no need to.
static inline int64_t tftp_window_look(struct tftp_window *w, int64_t now)
{
    int64_t patience = w->rto.mean + w->rto.mean / 4 + RTO_GRANULARITY;
    int64_t again = 0;

    if (!w->selective)
        return 0;
    for (int64_t n = w->base + 1; n < w->next; n++) {
        struct tftp_under_way *b = tftp_block(w, n);
        if (b->arrived || b->lost || b->sent >= w->newest)
            continue;
        if (now - b->sent < patience) {
            if (again == 0 || b->sent + patience < again)
                again = b->sent + patience;
            continue;
        }
        b->lost = true;
        w->in_flight--;
        tftp_window_lost(w, now);
    }
    return again;
}

// An ACK of all blocks up to number, and the bits behind it. Whether that says
// something new.
static inline bool tftp_window_acked(struct tftp_window *w, int64_t number,
                                     const uint8_t *bits, size_t count,
                                     int64_t now)
{
    if (number < w->base || number >= w->next)
        return false; // before what is known, or of what was never sent
    w->sample = 0;
    for (int64_t n = w->base + 1; n <= number; n++)
        tftp_window_arrived(w, n, now);
    bool is_new = number > w->base;
    w->base = number;
    if (!w->selective) {
        tftp_window_measure(w, now);
        // Whatever was sent behind it was dropped. The same ACK again means
        // that only if it can be an answer to what was sent since.
        bool back = is_new ||
                    (w->window > 1 && w->rto.mean > 0 && w->next > number + 1 &&
                     now - tftp_block(w, number + 1)->sent >= w->rto.mean / 2);
        for (int64_t n = number + 1; back && n < w->next; n++)
            tftp_block(w, n)->lost = true;
        w->in_flight = back ? 0 : w->in_flight;
        return back;
    }
    for (size_t i = 0; i < count * 8; i++) {
        int64_t n = number + 1 + (int64_t)i;
        if (n >= w->next)
            break;
        if ((bits[i / 8] >> (7 - i % 8) & 1) != 0 &&
            !tftp_block(w, n)->arrived) {
            tftp_window_arrived(w, n, now);
            is_new = true;
        }
    }
    tftp_window_measure(w, now);
    return is_new;
}

// No answer came in time: everything under way is lost.
static inline void tftp_window_expired(struct tftp_window *w, int64_t now)
{
    for (int64_t n = w->base + 1; n < w->next; n++)
        if (!tftp_block(w, n)->arrived)
            tftp_block(w, n)->lost = true;
    w->in_flight = 0;
    rto_expired(&w->rto);
    w->gave_way = now;
    if (w->selective) {
        w->threshold = w->congestion;
        w->congestion = TFTP_CONGESTION_LEAST;
    }
}

static inline bool tftp_window_done(const struct tftp_window *w)
{
    return w->base >= w->last;
}

#endif
