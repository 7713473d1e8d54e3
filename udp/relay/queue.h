/*
 * udp/relay/queue.h -- datagrams that wait for their time to be sent.
 *
 * A binary heap: the one that is due first is always at the top. Of those that
 * are due at the same moment, the one that was put in first.
 */
#ifndef UDP_RELAY_QUEUE_H
#define UDP_RELAY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define QUEUE_MAX 65536

struct waiting {
    int64_t due;    // microseconds, by clock_us()
    uint64_t order; // set by queue_put
    size_t size;
    uint8_t *bytes;
    struct sockaddr_storage to;
    socklen_t to_len;
    int sock; // to send it with
};

struct queue {
    struct waiting *heap[QUEUE_MAX]; // a parent is due before its two children
    size_t count;
    uint64_t orders;
};

static inline bool queue_before(const struct waiting *a,
                                const struct waiting *b)
{
    return a->due < b->due || (a->due == b->due && a->order < b->order);
}

// Put it in; false if there is no room.
static inline bool queue_put(struct queue *q, struct waiting *w)
{
    if (q->count == QUEUE_MAX)
        return false;
    w->order = q->orders++;

    size_t i = q->count++;
    for (; i > 0 && queue_before(w, q->heap[(i - 1) / 2]); i = (i - 1) / 2)
        q->heap[i] = q->heap[(i - 1) / 2];
    q->heap[i] = w;
    return true;
}

// Take out the one that is due first, which must be there.
static inline struct waiting *queue_take(struct queue *q)
{
    struct waiting *first = q->heap[0], *last = q->heap[--q->count];
    size_t i = 0, child;

    for (; (child = 2 * i + 1) < q->count; i = child) {
        if (child + 1 < q->count &&
            queue_before(q->heap[child + 1], q->heap[child]))
            child++;
        if (!queue_before(q->heap[child], last))
            break;
        q->heap[i] = q->heap[child];
    }
    q->heap[i] = last;
    return first;
}

#endif
