/*
 * udp/tftp/tftp_actions.h -- what a transfer does when tftp_machine.h says so,
 * and the loop that makes it a transfer.
 */
#ifndef UDP_TFTP_TFTP_ACTIONS_H
#define UDP_TFTP_TFTP_ACTIONS_H

#include "tftp_events.h"

// The request of a client, or the answer of a server.
static inline enum tftp_event tftp_open(struct tftp_transfer *t,
                                        enum tftp_action action)
{
    int64_t now = clock_us();

    if (t->openings > 0)
        rto_expired(&t->rto);
    t->openings++;
    t->opened = now;
    t->deadline = now + t->rto.timeout;
    if (action == DO_OFFER && !tftp_may_send(t, t->opening_size))
        return ON_DID;
    if (tftp_link_say(&t->link, t->opening, t->opening_size) == -1)
        return tftp_gone(t);
    return ON_DID;
}

// Put the next block of the file into its place in the ring.
static inline int tftp_load(struct tftp_transfer *t, int64_t number)
{
    size_t place = (size_t)number % t->places;
    uint8_t *packet = t->ring + place * t->stride;

    ssize_t n = tftp_source_take(&t->source, packet + TFTP_HEAD, t->block);
    if (n == -1)
        return -1;
    if ((size_t)n < t->block)
        t->window.last = number;
    tftp_head(packet, TFTP_DATA, (uint64_t)number);
    t->loaded = number;
    t->length[place] = TFTP_HEAD + (size_t)n;
    if (t->guarded)
        t->length[place] =
            tftp_guard_put(&t->guard, number, packet, t->length[place]);
    return 0;
}

// Send what may be sent: packets that lie one behind the other at once.
static inline enum tftp_event tftp_send_window(struct tftp_transfer *t)
{
    struct tftp_window *w = &t->window;
    int64_t now = clock_us();
    int64_t number = 0;
    int error = 0;

    t->look = tftp_window_look(w, now);
    do {
        size_t start = 0;
        size_t last = 0;
        unsigned count = 0;
        while (error == 0 && (number = tftp_window_next(w, number)) != 0) {
            size_t place = (size_t)number % t->places;
            if (number > t->loaded && tftp_load(t, number) == -1)
                error = errno;
            if (error != 0 ||
                (count > 0 && (place != start + count || last != t->stride ||
                               count == TFTP_TOGETHER ||
                               (count + 1) * t->stride > TFTP_LONGEST)))
                break; // this one is in another run
            if (!tftp_may_send(t, t->length[place]))
                break;
            start = count == 0 ? place : start;
            last = t->length[place];
            count++;
            tftp_window_sent(w, number, now);
            number++;
        }
        if (count == 0)
            break;
        if (tftp_link_send(&t->link, t->ring + start * t->stride, t->stride,
                           count, last) == -1)
            return tftp_gone(t);
    } while (error == 0);
    t->deadline = clock_us() + w->rto.timeout;
    // While the other end is at work, make the next one ready.
    if (error == 0 && t->loaded < w->last && t->loaded < w->base + t->places &&
        tftp_load(t, t->loaded + 1) == -1)
        error = errno;
    errno = error;
    return error != 0 ? tftp_failure(t) : ON_DID;
}

// How long to stay for a last DATA that comes again. Who has sent the file
// waits for the ACK, with longer and longer pauses; a server has the time for
// that.
static inline int64_t tftp_linger(const struct tftp_transfer *t)
{
    if (!t->lingers)
        return 4 * (t->calm < TFTP_LINGER_MOST ? t->calm : TFTP_LINGER_MOST);
    return t->rough ? 3 * TFTP_RTO_MOST : TFTP_RTO_FIRST;
}

// Say what has come, and wait so long for what comes next.
static inline enum tftp_event tftp_acknowledge(struct tftp_transfer *t,
                                               int64_t wait)
{
    uint8_t ack[TFTP_HEAD + TFTP_WINDOW_MOST / 8 + 1 + TFTP_GUARD];

    t->deadline = clock_us() + wait;
    if (!t->arrivals.ack_due)
        return ON_DID;
    tftp_head(ack, TFTP_ACK, (uint64_t)t->arrivals.base);
    size_t n = TFTP_HEAD + tftp_arrivals_bits(&t->arrivals, ack + TFTP_HEAD);
    if (t->guarded)
        n = tftp_guard_put(&t->guard, t->arrivals.base, ack, n);
    tftp_arrivals_said(&t->arrivals);
    if (tftp_link_say(&t->link, ack, n) == -1)
        return tftp_gone(t);
    return ON_DID;
}

// Tell the other end why not.
static inline void tftp_refuse(struct tftp_transfer *t)
{
    uint8_t error[256 + TFTP_GUARD];

    size_t n = tftp_error(error, 256, t->code, t->refusal);
    if (t->guarded)
        n = tftp_guard_put(&t->guard, 0, error, n);
    if (t->link.is_known && tftp_may_send(t, n))
        tftp_link_say(&t->link, error, n);
}

static inline enum tftp_event tftp_carry_out(struct tftp_transfer *t,
                                             struct tftp_step step,
                                             enum tftp_event before)
{
    if (before == ON_TIME)
        t->rough = true;
    switch (step.action) {
    case DO_ASK:
    case DO_OFFER:
        return tftp_open(t, step.action);
    case DO_RESEND:
        if (t->window.base == 0) // nothing has come there: one by one, then
            t->link.segments = false;
        tftp_window_expired(&t->window, clock_us());
        return tftp_send_window(t);
    case DO_SEND:
        return tftp_send_window(t);
    case DO_ACK:
        if (before == ON_TIME) // of RECEIVING
            rto_expired(&t->rto);
        else
            t->rto.timeout = t->calm;
        if (before == ON_OACK || before == ON_TIME) {
            t->opened = clock_us(); // ACK 0 has an answer, too
            t->openings = before == ON_OACK ? 1 : 2;
        }
        if (before == ON_TIME || before == ON_OACK || before == ON_DID)
            t->arrivals.ack_due = true;
        if (step.state == TFTP_LINGERING)
            return tftp_acknowledge(t, tftp_linger(t));
        return tftp_acknowledge(t, 2 * t->rto.timeout); // the sender goes first
    case DO_KEEP:
        return t->keep(t) == -1 ? ON_TROUBLE : ON_DID;
    default:
        return ON_DID;
    }
}

// From a first step to the end. The state then, and in *last the event that led
// there.
static inline enum tftp_state
tftp_run(struct tftp_transfer *t, struct tftp_step step, enum tftp_event *last)
{
    enum tftp_event event = ON_OLD;

    while (step.action != DO_END && step.action != DO_REFUSE) {
        t->state = step.state;
        enum tftp_event done = tftp_carry_out(t, step, event);
        event = done == ON_DID && step.action != DO_KEEP ? tftp_next_event(t)
                                                         : done;
        if (step.state == TFTP_OFFERING && event == ON_READY) // for the window
            rto_answered(&t->window.rto, clock_us() - t->opened, t->openings);
        if ((step.state == TFTP_INVITING ||
             (step.state == TFTP_RECEIVING && t->rto.mean == 0)) &&
            event == ON_DATA) {
            rto_answered(&t->rto, clock_us() - t->opened, t->openings);
            t->calm = t->rto.timeout;
        }
        step = tftp_step(step.state, event);
        if (t->news)
            t->news(t);
        if (step.state == TFTP_LINGERING && event == ON_DID && !t->rough &&
            !t->lingers) {
            tftp_carry_out(t, step, event); // the last ACK, and no more
            step = (struct tftp_step){TFTP_SUCCEEDED, DO_END};
        }
    }
    if (step.action == DO_REFUSE)
        tftp_refuse(t);
    *last = event;
    return step.state;
}

#endif
