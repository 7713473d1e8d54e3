/*
 * udp/relay/forward.c -- what becomes of each datagram, and when it goes on.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/address.h"
#include "relay.h"

#define REORDER_HOLD_US 50000 // then it waits for another one no longer

// The datagram as it will be sent.
static struct delayed *copy_of(const struct relay *r, const struct session *s,
                               enum direction direction,
                               const struct port *port, const uint8_t *bytes,
                               size_t size)
{
    struct delayed *d = malloc(sizeof *d + size);
    if (!d)
        err(1, "malloc");

    *d = (struct delayed){
        .size = size,
        .direction = direction,
        .bytes = (uint8_t *)(d + 1),
        .to = direction == THERE ? port->server : s->client,
        .to_len = direction == THERE ? r->sessions.server_len
                                     : r->sessions.client_len,
        .sock = direction == THERE ? s->sock : port->sock,
    };
    memcpy(d->bytes, bytes, size);
    return d;
}

static void enqueue(struct relay *r, struct delayed *d, int64_t due,
                    enum direction direction)
{
    d->due_us = due;
    if (!delay_queue_put(&r->queue, d)) {
        r->totals[direction][QUEUE_FULL]++;
        free(d);
    }
}

// Let the one go that waits for another to pass, if there is one, but not
// before due.
static void release(struct relay *r, struct session *s,
                    enum direction direction, int64_t due)
{
    struct delayed *d = s->reordered[direction];

    if (!d)
        return;
    s->reordered[direction] = NULL;
    if (!r->settings.silent)
        trace(s->number, direction, s->reordered_number[direction],
              ARROW_RELEASED, d->size, &(struct note){.length = 0});
    enqueue(r, d, due > d->due_us ? due : d->due_us, direction);
}

// Whether the datagram is lost on purpose.
static bool is_lost(struct relay *r, struct session *s,
                    enum direction direction, bool by_chance, int64_t now,
                    struct note *n)
{
    const int64_t since =
        now - r->first_rx - r->settings.outage_from_us; // the outage began

    if (number_list_remove(&s->drop[direction], (long)s->received[direction])) {
        r->totals[direction][DROPPED]++;
        note(n, ": dropped");
    } else if (since >= 0 && since < r->settings.outage_us) {
        r->totals[direction][LOST_IN_OUTAGE]++;
        note(n, ": lost in an outage");
    } else if (by_chance) {
        r->totals[direction][LOST]++;
        note(n, ": lost");
    } else {
        return false;
    }
    return true;
}

// Corrupt the datagram as drawn. Whether it is delivered all the same: the
// kernel puts a new checksum on whatever we send. The one that it had would no
// longer fit, and the other end's kernel would throw it away; so do we in its
// place.
static bool survives_corruption(unsigned long totals[EVENTS],
                                const struct impaired *drawn, uint8_t *bytes,
                                size_t size, struct note *n)
{
    const uint16_t sum = internet_sum(bytes, size);
    size_t where[2];

    if (drawn->by[CORRUPT] && size > 0) {
        size_t at = flip_bit(bytes, size, drawn->noise);
        totals[CORRUPTED]++;
        note(n, ": corrupted at %zu, sum %04x is now %04x", at, sum,
             internet_sum(bytes, size));
        return false;
    }
    if (drawn->by[UNDETECTED] &&
        change_two_words(bytes, size, drawn->noise, where)) {
        totals[CORRUPTED_UNDETECTED]++;
        note(n, ": corrupted at %zu and %zu, sum %04x is still %04x", where[0],
             where[1], sum, internet_sum(bytes, size));
    }
    return true;
}

void forward(struct relay *r, struct session *s, enum direction direction,
             const struct port *port, uint8_t *bytes, size_t size, int64_t now)
{
    const uint32_t number = ++s->received[direction];
    const struct impaired drawn = impairments_draw(
        r->settings.probability[direction], (uint64_t)r->settings.seed,
        s->number, direction, number);
    unsigned long *totals = r->totals[direction];
    struct note n = {.length = 0};

    s->last_rx = now;
    totals[RECEIVED]++;
    const bool goes = !is_lost(r, s, direction, drawn.by[LOSS], now, &n) &&
                      survives_corruption(totals, &drawn, bytes, size, &n);
    const bool twice = goes && drawn.by[DUPLICATE];
    const bool waits = goes && drawn.by[REORDER] && !s->reordered[direction];
    struct arrow arrow = !goes          ? ARROW_LOST
                         : n.length > 0 ? ARROW_CHANGED
                                        : ARROW;
    if (twice) {
        arrow = ARROW_DUPLICATED;
        totals[DUPLICATED]++;
        note(&n, ": duplicated");
    }
    if (waits) {
        arrow = ARROW_REORDERED;
        totals[REORDERED]++;
        note(&n, ": reordered");
    }
    if (!r->settings.silent)
        trace(s->number, direction, number, arrow, size, &n);

    if (twice)
        enqueue(r, copy_of(r, s, direction, port, bytes, size),
                now + drawn.copy_delay_us, direction);
    if (!goes)
        return;
    struct delayed *d = copy_of(r, s, direction, port, bytes, size);
    if (waits) {
        d->due_us = now + drawn.delay_us;
        s->reordered[direction] = d;
        s->reordered_number[direction] = number;
    } else {
        enqueue(r, d, now + drawn.delay_us, direction);
        release(r, s, direction, now + drawn.delay_us);
    }
}

// Release what has waited long enough for another one. Returns when the next
// will have.
static int64_t release_overdue(struct relay *r, int64_t now)
{
    int64_t next = INT64_MAX;

    for (int i = 0; i < 2 * r->sessions.count; i++) {
        struct session *s = r->sessions.list[i / 2];
        const enum direction direction = i % 2 == 0 ? THERE : BACK;
        const struct delayed *d = s->reordered[direction];
        if (d && d->due_us + REORDER_HOLD_US <= now)
            release(r, s, direction, now);
        else if (d && d->due_us + REORDER_HOLD_US < next)
            next = d->due_us + REORDER_HOLD_US;
    }
    return next;
}

static bool send_whole(const struct delayed *d)
{
    while (sendto(d->sock, d->bytes, d->size, 0,
                  (const struct sockaddr *)&d->to, d->to_len) == -1)
        if (errno != EINTR)
            return false;
    return true;
}

int64_t send_due(struct relay *r, int64_t now)
{
    int64_t next = release_overdue(r, now);

    while (r->queue.count > 0 && r->queue.heap[0]->due_us <= now) {
        struct delayed *d = delay_queue_take(&r->queue);
        if (d->sock != -1 && !send_whole(d)) {
            warn("sendto %s", address_text(&d->to).text);
            r->totals[d->direction][SEND_FAILED]++;
        }
        free(d);
    }
    if (r->queue.count > 0 && r->queue.heap[0]->due_us < next)
        next = r->queue.heap[0]->due_us;
    return next;
}
