/*
 * udp/tftp/tftp_window.h -- which blocks the sender of a file may send now.
 *
 *      acknowledged     in flight                       not yet sent
 *     ---------------|----------------------------|----------------
 *                  base ^   ^ arrived behind a gap  next
 *                       |
 *                       lost?
 *
 * With plain TFTP, and RFC 7440, an ACK says no more than base: a window is
 * sent, and where it ends or breaks off the next one begins (go back N). With
 * `sack` it says as well which blocks have arrived behind a gap. A block is
 * lost when one that was sent later has arrived, and it has had the time to
 * (RACK, RFC 8985): not because an ACK came twice, since ACKs are duplicated as
 * well.
 *
 * Pure: the caller has the clock, in microseconds, and the bytes.
 */
#ifndef UDP_TFTP_TFTP_WINDOW_H
#define UDP_TFTP_TFTP_WINDOW_H

#include "../rto.h"
#include "tftp_negotiate.h"
#include "tftp_path.h"

struct tftp_block { // in flight
    int64_t sent;   // when, the last time
    uint8_t times;
    bool arrived;
    bool lost;
    struct tftp_path_stamp stamp;
};

struct tftp_window {
    int64_t base; // all blocks up to this one are acknowledged; the first is 1
    int64_t next; // the first that was never sent
    int64_t last; // the file's last; INT64_MAX as long as it is not known
    unsigned size;
    bool selective;     // sack was agreed on
    unsigned in_flight; // sent, neither arrived nor lost
    int64_t newest;     // when the block was sent that arrived last
    int64_t sample;     // the same of blocks sent once, this ACK; 0: none
    uint64_t resent;    // blocks
    struct rto *rto;    // the transfer's
    struct tftp_path path;
    struct tftp_block block[TFTP_WINDOW_MAX]; // at number modulo size
};

static inline void tftp_window_start(struct tftp_window *w, unsigned size,
                                     bool selective, struct rto *rto)
{
    *w = (struct tftp_window){.next = 1, .last = INT64_MAX, .rto = rto};
    w->size = size;
    w->selective = selective;
    tftp_path_start(
        &w->path, selective && size > TFTP_PATH_FIRST ? TFTP_PATH_FIRST : size,
        size);
}

static inline struct tftp_block *tftp_window_block(struct tftp_window *w,
                                                   int64_t number)
{
    return &w->block[number % w->size];
}

// The next block to be sent: one that is lost, or a new one; 0 if none may be.
static inline int64_t tftp_window_next(struct tftp_window *w, int64_t from)
{
    if (w->in_flight >= w->path.window)
        return 0;
    for (int64_t n = from > w->base ? from : w->base + 1; n < w->next; n++)
        if (tftp_window_block(w, n)->lost)
            return n;
    if (w->next <= w->last && w->next <= w->base + w->size)
        return w->next;
    return 0;
}

// That one was sent.
static inline void tftp_window_sent(struct tftp_window *w, int64_t number,
                                    int64_t now)
{
    struct tftp_block *b = tftp_window_block(w, number);

    if (number == w->next) {
        w->next++;
        b->times = 0;
    } else {
        w->resent++;
    }
    b->sent = now;
    if (b->times < UINT8_MAX)
        b->times++;
    b->arrived = b->lost = false;
    b->stamp = tftp_path_sent(&w->path, w->in_flight++, now);
}

static inline void tftp_window_arrived(struct tftp_window *w, int64_t number,
                                       int64_t now)
{
    struct tftp_block *b = tftp_window_block(w, number);

    if (b->arrived)
        return;
    b->arrived = true;
    w->in_flight -= !b->lost;
    b->lost = false;
    // If it was sent twice, it may be the first one that has arrived.
    if (b->sent > w->newest && (b->times == 1 || now - b->sent >= w->rto->srtt))
        w->newest = b->sent;
    if (b->times == 1 && b->sent > w->sample)
        w->sample = b->sent;
    if (w->selective)
        tftp_path_arrived(&w->path, &b->stamp, b->sent, now);
}

// The round trip that this ACK has measured, or 0: one per ACK (Karn).
static inline int64_t tftp_window_measure(struct tftp_window *w, int64_t now)
{
    if (w->sample == 0)
        return 0;
    int64_t rtt = now > w->sample ? now - w->sample : 1;
    rto_answered(w->rto, rtt, 1);
    return rtt;
}

// Find out which blocks in flight are lost by now. Returns when to look again,
// the loss timer; 0 if there is no need to. The first one is lost, too, if it
// is in flight for two round trips and nothing was sent later, since it may be
// what the rest has to wait for (a tail loss probe, RFC 8985, section 7).
static inline int64_t tftp_window_find_lost(struct tftp_window *w, int64_t now)
{
    int64_t srtt = w->rto->srtt;
    int64_t wait = srtt + srtt / 4 + RTO_GRANULARITY;
    int64_t probe = 2 * srtt + 4 * w->rto->rttvar + TFTP_PATH_BUSY;
    int64_t again = 0;

    if (!w->selective || srtt == 0)
        return 0;
    for (int64_t n = w->base + 1; n < w->next; n++) {
        struct tftp_block *b = tftp_window_block(w, n);
        bool is_first = n == w->base + 1;
        if (b->arrived || b->lost || (b->sent >= w->newest && !is_first))
            continue;
        int64_t due = b->sent + (b->sent < w->newest ? wait : probe);
        if (now < due) {
            if (again == 0 || due < again)
                again = due;
            continue;
        }
        b->lost = true;
        w->in_flight--;
        tftp_path_lost(&w->path);
    }
    return again;
}

// Without sack: what was sent behind the acknowledged block was dropped there.
// The same ACK again means that only if it can be an answer to what was sent
// since. Returns whether it does.
static inline bool tftp_window_go_back(struct tftp_window *w, bool is_new,
                                       int64_t now)
{
    int64_t first = w->base + 1;

    if (!is_new && (w->size == 1 || w->rto->srtt == 0 || w->next <= first ||
                    now - tftp_window_block(w, first)->sent < w->rto->srtt / 2))
        return false;
    for (int64_t n = first; n < w->next; n++)
        tftp_window_block(w, n)->lost = true;
    w->in_flight = 0;
    return true;
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
    for (size_t i = 0; w->selective && i < count * 8; i++) {
        int64_t n = number + 1 + (int64_t)i;
        if (n >= w->next)
            break;
        if ((bits[i / 8] >> (7 - i % 8) & 1) != 0 &&
            !tftp_window_block(w, n)->arrived) {
            tftp_window_arrived(w, n, now);
            is_new = true;
        }
    }
    int64_t rtt = tftp_window_measure(w, now);
    if (!w->selective)
        return tftp_window_go_back(w, is_new, now);
    if (is_new)
        tftp_path_acked(&w->path, rtt, w->rto->srtt, now);
    return is_new;
}

// No answer came in time, and the caller has backed off: everything in flight
// is lost.
static inline void tftp_window_expired(struct tftp_window *w)
{
    for (int64_t n = w->base + 1; n < w->next; n++)
        if (!tftp_window_block(w, n)->arrived)
            tftp_window_block(w, n)->lost = true;
    w->in_flight = 0;
    if (w->selective)
        tftp_path_expired(&w->path);
}

static inline bool tftp_window_done(const struct tftp_window *w)
{
    return w->base >= w->last;
}

#endif
