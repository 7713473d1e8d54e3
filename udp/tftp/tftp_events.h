/*
 * udp/tftp/tftp_events.h -- what happens to a transfer: from a datagram, or the
 * clock, to an event for tftp_machine.h.
 */
#ifndef UDP_TFTP_TFTP_EVENTS_H
#define UDP_TFTP_TFTP_EVENTS_H

#include <poll.h>

#include "tftp_transfer.h"

static inline bool tftp_same_host(const struct sockaddr_storage *a,
                                  const struct sockaddr_storage *b)
{
    struct sockaddr_storage c = *b;

    if (a->ss_family == AF_INET && b->ss_family == AF_INET)
        ((struct sockaddr_in *)&c)->sin_port =
            ((const struct sockaddr_in *)a)->sin_port;
    else if (a->ss_family == AF_INET6 && b->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)&c)->sin6_port =
            ((const struct sockaddr_in6 *)a)->sin6_port;
    return address_same(a, &c);
}

// The client: an OACK, or the lack of it.
static inline enum tftp_event tftp_answered(struct tftp_transfer *t,
                                            const struct tftp_packet *p,
                                            const uint8_t *datagram, size_t n)
{
    struct tftp_options granted = {0};
    bool well = true;

    if (p->opcode == TFTP_OACK) {
        well = tftp_options_get(&granted, p);
        bool ours = (granted.set & TFTP_OURS) != 0;
        if (!tftp_options_hold(&granted, datagram, n, &t->guard) ||
            (ours && tftp_has(&t->asked, TFTP_GUARDED) &&
             !tftp_has(&granted, TFTP_GUARDED)))
            return ON_OLD; // damaged: as if it had been lost
    }
    t->agreed = granted;
    if (!well || !tftp_accept(&t->asked, &granted, t->opcode)) {
        tftp_trouble(t, TFTP_OPTIONS, "That is not what was asked for");
        return ON_NONSENSE;
    }
    if (tftp_agree(t, t->opcode == TFTP_WRQ) == -1)
        return tftp_failure(t);
    return p->opcode == TFTP_OACK ? ON_OACK : ON_READY;
}

// The sender: an ACK.
static inline enum tftp_event tftp_take_ack(struct tftp_transfer *t,
                                            const struct tftp_packet *p,
                                            int64_t number)
{
    if (t->state != TFTP_SENDING)
        return number == 0 ? ON_READY : ON_OLD;
    bool is_new =
        tftp_window_acked(&t->window, number, p->bytes, p->count, clock_us());
    if (tftp_window_done(&t->window))
        return ON_ALL;
    return is_new ? ON_ACK : ON_OLD;
}

// The receiver: a DATA. ON_WHOLE if it was the last one that was missing;
// ON_DATA if it was of use; ON_OLD.
static inline enum tftp_event tftp_take_data(struct tftp_transfer *t,
                                             uint8_t *bytes, size_t count,
                                             int64_t number)
{
    struct tftp_arrivals *a = &t->arrivals;

    if (count > t->block)
        return ON_OLD;
    switch (tftp_arrive(a, number)) {
    case TFTP_AHEAD: {
        size_t place = (size_t)number % a->window;
        t->rough = true;
        if (tftp_sink_flush(&t->sink) == -1) // it may hold bytes in there
            return tftp_failure(t);
        memcpy(t->ring + place * t->stride, bytes, count);
        t->length[place] = count;
        return ON_DATA;
    }
    case TFTP_NEXT:
        break;
    default:
        t->rough = true;
        return ON_OLD;
    }
    for (;;) {
        if (tftp_sink_take(&t->sink, bytes, count) == -1)
            return tftp_failure(t);
        if (count < t->block)
            return tftp_sink_flush(&t->sink) == -1 ? tftp_failure(t) : ON_WHOLE;
        if (!tftp_has_next(a))
            return ON_DATA;
        size_t place = (size_t)(a->base + 1) % a->window;
        bytes = t->ring + place * t->stride;
        count = t->length[place];
        tftp_arrive(a, a->base + 1);
    }
}

// A datagram of n bytes from the other end.
static inline enum tftp_event tftp_take(struct tftp_transfer *t,
                                        uint8_t *datagram, size_t n)
{
    enum tftp_state state = t->state;
    struct tftp_packet p;
    int64_t number = 0;
    bool opening = state < TFTP_SENDING;

    if (!tftp_decode(&p, datagram, n))
        return ON_OLD;
    if (p.opcode == TFTP_DATA && t->opcode == TFTP_RRQ && !t->is_agreed &&
        !t->asker && p.block == 1) { // a plain server
        enum tftp_event event = tftp_answered(t, &p, datagram, n);
        if (event != ON_READY)
            return event;
    }
    if (p.opcode == TFTP_DATA)
        number = tftp_unwrap(t->arrivals.base + 1, p.block);
    else if (p.opcode == TFTP_ACK)
        number = tftp_unwrap(t->window.base, p.block);
    if (t->guarded && p.opcode != TFTP_OACK &&
        !(opening && p.opcode == TFTP_ERROR)) {
        if (!tftp_guard_holds(&t->guard, number, datagram, n)) {
            t->rough = true;
            return ON_OLD;
        }
        p.count -= p.opcode == TFTP_ERROR ? 0 : TFTP_GUARD;
    }

    bool sends = state == TFTP_SUBMITTING || state == TFTP_OFFERING ||
                 state == TFTP_SENDING;
    switch (p.opcode) {
    case TFTP_ERROR:
        if (p.block > TFTP_OPTIONS)
            return ON_OLD; // there are no such ERRORs
        t->code = (enum tftp_code)p.block;
        snprintf(t->refusal, sizeof t->refusal, "%.*s", (int)p.count,
                 (const char *)p.bytes);
        return ON_ERROR;
    case TFTP_OACK:
        if (state == TFTP_ASKING || state == TFTP_SUBMITTING)
            return tftp_answered(t, &p, datagram, n);
        t->arrivals.ack_due = state == TFTP_RECEIVING;
        return state == TFTP_RECEIVING ? ON_OACK : ON_OLD;
    case TFTP_ACK:
        if (state == TFTP_SUBMITTING)
            return p.block == 0 ? tftp_answered(t, &p, datagram, n) : ON_OLD;
        return sends ? tftp_take_ack(t, &p, number) : ON_OLD;
    case TFTP_DATA:
        if (sends || !t->is_agreed)
            return ON_OLD;
        return tftp_take_data(t, datagram + TFTP_HEAD, p.count, number);
    default:
        return ON_OLD;
    }
}

// The same, from whomever: only the other end counts.
static inline enum tftp_event
tftp_take_from(struct tftp_transfer *t, const struct sockaddr_storage *from,
               uint8_t *datagram, size_t n)
{
    if (t->link.is_known ? !address_same(from, &t->link.there)
                         : !tftp_same_host(from, &t->server)) {
        tftp_link_reject(&t->link, from, datagram, n);
        return ON_OLD;
    }
    enum tftp_event event = tftp_take(t, datagram, n);
    if (!t->link.is_known && event != ON_OLD && // now its port is
        tftp_link_to(&t->link, from, true) == -1)
        return tftp_failure(t);
    if (t->asker && event != ON_OLD)
        atomic_store(&t->asker->answered, true);
    return event;
}

// The kernel says that no socket is there any more. What came from it before
// may say why: an error goes in front of the datagrams that wait. Or it is the
// end of the file; at least it is not lost for the next time.
static inline enum tftp_event tftp_gone(struct tftp_transfer *t)
{
    uint8_t *datagram;
    size_t n;
    struct sockaddr_storage *from;

    do {
        while (tftp_link_next(&t->link, &datagram, &n, &from)) {
            enum tftp_event event = tftp_take_from(t, from, datagram, n);
            if (event == ON_ERROR || event == ON_ALL || event == ON_WHOLE ||
                event == ON_TROUBLE)
                return event;
        }
        // Before the next datagrams take their place.
        if (tftp_sink_flush(&t->sink) == -1)
            return tftp_failure(t);
    } while (tftp_link_read(&t->link, t->link.ours) > 0);
    tftp_trouble(t, TFTP_OTHER, "Nobody is there any more");
    return ON_ERROR;
}

// The clock: what is due, if anything.
static inline enum tftp_event tftp_due(struct tftp_transfer *t, int64_t now)
{
    bool unknown = t->asker && !atomic_load(&t->asker->answered);
    int64_t limit = unknown && t->limit > TFTP_UNKNOWN_LIMIT
                        ? TFTP_UNKNOWN_LIMIT
                        : t->limit;

    if (now - t->heard >= limit)
        return ON_SILENCE;
    if (t->look != 0 && now >= t->look)
        return ON_ACK; // a block is lost by now
    return now >= t->deadline ? ON_TIME : 0;
}

// Wait until something can be read, or is due. Reads it. 0; -1 and errno.
static inline int tftp_wait(struct tftp_transfer *t, int64_t now)
{
    struct pollfd sockets[2] = {
        {.fd = t->link.ours, .events = POLLIN},
        {.fd = t->link.others, .events = POLLIN},
    };
    int64_t until = t->heard + t->limit;

    until = t->deadline < until ? t->deadline : until;
    until = t->look != 0 && t->look < until ? t->look : until;
    const struct timespec time = {
        .tv_sec = until > now ? (time_t)((until - now) / 1000000) : 0,
        .tv_nsec = until > now ? (long)((until - now) % 1000000) * 1000 : 0,
    };
    int n = ppoll(sockets, 2, &time, NULL);
    if (n <= 0)
        return n == -1 && errno != EINTR ? -1 : 0;
    if (sockets[0].revents != 0) // it goes first: the rest may be a flood
        return tftp_link_read(&t->link, t->link.ours) == -1 ? -1 : 0;
    return tftp_link_read(&t->link, t->link.others) == -1 ? -1 : 0;
}

// The next event. The bytes of DATA are written when nothing more is there, and
// after the ACK: the other end sends the next ones meanwhile. But for the last
// ones, whose ACK says that all is well. The clock is believed only after a
// look at the socket: we may be late ourselves, because of a slow disk.
static inline enum tftp_event tftp_next_event(struct tftp_transfer *t)
{
    uint8_t *datagram;
    size_t n;
    struct sockaddr_storage *from;
    bool data = false, looked = false;

    for (;;) {
        while (tftp_link_next(&t->link, &datagram, &n, &from)) {
            enum tftp_event event = tftp_take_from(t, from, datagram, n);
            if (event != ON_OLD)
                t->heard = clock_us();
            if (event == ON_DATA)
                data = true;
            else if (event != ON_OLD)
                return event;
        }
        if (data || (t->is_agreed && t->arrivals.ack_due))
            return ON_DATA;
        if (tftp_sink_flush(&t->sink) == -1)
            return tftp_failure(t);
        int64_t now = clock_us();
        enum tftp_event due = tftp_due(t, now);
        if (looked && (due == ON_SILENCE || (due != 0 && !t->link.eager)))
            return due;
        looked = due != 0;
        int read = looked || t->link.eager
                       ? tftp_link_read(&t->link, t->link.ours)
                       : tftp_wait(t, now);
        if (read == -1 && errno != ECONNREFUSED)
            return tftp_failure(t);
        if (read == -1)
            return tftp_gone(t);
    }
}

#endif
