/*
 * tcp/stream_player/byte_ring.h -- bytes through shared memory, from one
 *                                  process to one other, without locks.
 *
 *              head: taken out so far           tail: put in so far
 *                     v                                 v
 *     +---------------+=================================+---------+
 *     |               | bytes                           |         |
 *     +---------------+=================================+---------+
 *
 * shm/ring.h, which explains the order of the accesses, for bytes instead of
 * slots. Here the lowest bit of the tail says that no more will come, so that
 * this too is a change of the word on which the other end may sleep.
 */
#ifndef TCP_STREAM_PLAYER_BYTE_RING_H
#define TCP_STREAM_PLAYER_BYTE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../common/futex.h"

#define BYTE_RING_SIZE 65536u // a power of two: it has to divide 2^31
#define BYTE_RING_END 1u

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): wanted
struct byte_ring {
    _Alignas(64) atomic_uint tail;      // twice the bytes put in, plus the end
    _Alignas(64) atomic_uint head;      // twice the bytes taken out
    _Alignas(64) atomic_uint sleeps[2]; // who puts in, who takes out
    char bytes[BYTE_RING_SIZE];
};

// How many bytes are in it, if these are its ends.
static inline uint32_t byte_ring_filled(uint32_t tail, uint32_t head)
{
    return (tail - head) / 2;
}

// Put in as many as there is room for. Returns their number; 0 if it is full.
static inline size_t byte_ring_put(struct byte_ring *r, const char *bytes,
                                   size_t count)
{
    uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    uint32_t head = atomic_load_explicit(&r->head, memory_order_acquire);
    size_t room = BYTE_RING_SIZE - byte_ring_filled(tail, head);
    size_t at = tail / 2 % BYTE_RING_SIZE;
    size_t first = BYTE_RING_SIZE - at; // then it goes on at the beginning

    if (count > room)
        count = room;
    if (first > count)
        first = count;
    memcpy(r->bytes + at, bytes, first);
    memcpy(r->bytes, bytes + first, count - first);
    if (count > 0)
        futex_set(&r->tail, tail + 2 * (uint32_t)count, &r->sleeps[1], false);
    return count;
}

// No more will come.
static inline void byte_ring_end(struct byte_ring *r)
{
    futex_set(&r->tail, atomic_load(&r->tail) | BYTE_RING_END, &r->sleeps[1],
              false);
}

// Sleep until there may be room, a tenth of a second at most.
static inline void byte_ring_await_room(struct byte_ring *r)
{
    uint32_t head = atomic_load(&r->head);

    if (byte_ring_filled(atomic_load(&r->tail), head) >= BYTE_RING_SIZE)
        futex_sleep(&r->head, head, &r->sleeps[0], false);
}

// The oldest bytes, up to the end of the ring: sets *bytes, and returns their
// number; 0 if there are none at this moment, and -1 if none will come.
static inline ptrdiff_t byte_ring_look(struct byte_ring *r, const char **bytes)
{
    uint32_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
    uint32_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
    uint32_t filled = byte_ring_filled(tail, head);
    uint32_t at = head / 2 % BYTE_RING_SIZE;

    *bytes = r->bytes + at;
    if (filled == 0)
        return tail & BYTE_RING_END ? -1 : 0;
    uint32_t to_end = BYTE_RING_SIZE - at;
    return (ptrdiff_t)(filled < to_end ? filled : to_end);
}

// Done with that many of them.
static inline void byte_ring_took(struct byte_ring *r, size_t count)
{
    futex_set(&r->head, atomic_load(&r->head) + 2 * (uint32_t)count,
              &r->sleeps[0], false);
}

// Sleep until there may be bytes, or the end, a tenth of a second at most.
static inline void byte_ring_await_bytes(struct byte_ring *r)
{
    uint32_t tail = atomic_load(&r->tail);

    if (byte_ring_filled(tail, atomic_load(&r->head)) == 0 &&
        (tail & BYTE_RING_END) == 0)
        futex_sleep(&r->tail, tail, &r->sleeps[1], false);
}

#endif
