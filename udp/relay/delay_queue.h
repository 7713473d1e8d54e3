/*
 * udp/relay/delay_queue.h -- datagrams that wait for their time to be sent.
 *
 * A binary heap: the one that is due first is always at the top. Of those that
 * are due at the same moment, the one that was put in first.
 */
#ifndef UDP_RELAY_DELAY_QUEUE_H
#define UDP_RELAY_DELAY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define DELAY_QUEUE_MAX 65536

struct delayed {
    int64_t due_us; // by clock_us()
    uint64_t order; // set by delay_queue_put
    unsigned direction;
    size_t size;
    uint8_t *bytes;
    struct sockaddr_storage to;
    socklen_t to_len;
    int sock; // to send it with
};

struct delay_queue {
    struct delayed
        *heap[DELAY_QUEUE_MAX]; // a parent is due before its two children
    size_t count;
    uint64_t next_order;
};

static inline bool due_before(const struct delayed *a, const struct delayed *b)
{
    return a->due_us < b->due_us ||
           (a->due_us == b->due_us && a->order < b->order);
}

// Put it in; false if the queue is full.
static inline bool delay_queue_put(struct delay_queue *q, struct delayed *w)
{
    if (q->count == DELAY_QUEUE_MAX)
        return false;
    w->order = q->next_order++;

    size_t i = q->count++;
    for (; i > 0 && due_before(w, q->heap[(i - 1) / 2]); i = (i - 1) / 2)
        q->heap[i] = q->heap[(i - 1) / 2];
    q->heap[i] = w;
    return true;
}

// Take out the one that is due first, which must be there.
static inline struct delayed *delay_queue_take(struct delay_queue *q)
{
    struct delayed *first = q->heap[0], *last = q->heap[--q->count];
    size_t i = 0, child;

    for (; (child = 2 * i + 1) < q->count; i = child) {
        if (child + 1 < q->count &&
            due_before(q->heap[child + 1], q->heap[child]))
            child++;
        if (!due_before(q->heap[child], last))
            break;
        q->heap[i] = q->heap[child];
    }
    q->heap[i] = last;
    return first;
}

#endif
