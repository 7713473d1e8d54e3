/*
 * shm/ring.h -- a ring of slots in shared memory, without locks, for one
 *                  process that puts in and one that takes out.
 *
 *              head: taken out so far           tail: put in so far
 *                     v                                 v
 *     +------+------+------+------+------+------+------+------+
 *     |      |      | full | full | full | full | full |      |
 *     +------+------+------+------+------+------+------+------+
 *
 * Both count up for ever, modulo 2^32; count i stands for slot i % RING_SLOTS,
 * and tail - head slots are full, also when tail has gone through 0 and head
 * has not. Each count is written by one end only and has a cache line of its
 * own: on a common one, each end's writing would take away the other's copy.
 *
 * What order the accesses need, and why:
 *
 *   store one's own count    release: a process that loads this count also
 *                            sees the stores to the slots before it. A slot
 *                            has been filled before it counts as full, and
 *                            read before it counts as empty. (In fact it is
 *                            seq_cst: see futex.h.)
 *   load the other's count   acquire: pairs with that release.
 *
 * Define _GNU_SOURCE before the first #include: sched_getcpu.
 */
#ifndef SHM_RING_H
#define SHM_RING_H

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/futex.h"
#include "segment.h"
#include "slot.h"

#define RING_MAGIC 0x72696e67u // "ring"
#define RING_SLOTS 4096u       // a power of two: it has to divide 2^32
#define RING_BATCH 32u         // slots that the other end is told of at once
#define RING_SPINS 50          // before going to sleep: a microsecond or so
#define RING_SPIN_NS 50000     // the same, if that may save a wake-up

enum ring_role { RING_SENDER, RING_RECEIVER };

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): wanted
struct ring {
    struct segment_header header;
    atomic_int owners[2]; // the PID of each role, 0 while it is free
    _Alignas(64) atomic_uint tail;
    atomic_int tail_core; // that the sender was on when it stored tail
    _Alignas(64) atomic_uint head;
    atomic_int head_core;                // the receiver
    _Alignas(64) atomic_uint waiting[2]; // 1 while that role sleeps
    struct reading_slot slots[RING_SLOTS];
};

// What one end knows, in memory of its own, where the other cannot write.
struct ring_end {
    struct ring *ring;
    enum ring_role role;
    uint32_t count; // our own; the one in the ring is up to a batch behind
    uint32_t other; // the other end's, as it was last loaded
    uint32_t lost;  // wake-ups that should have come
    int spins;      // before going to sleep; 0: sleep at once
    bool long_wait; // the last one took much longer than a wake-up
    // Break it: access the counts in no order, and first store to this memory,
    // which is in no cache. NULL: do not.
    volatile char *uncached;
};

#define RING_UNCACHED_SIZE ((size_t)1 << 26) // more than fits into a cache

// Take a role in a new ring. False if a process has it, or had it: the slots of
// two senders would overlap.
static inline bool ring_join(struct ring_end *end, struct ring *ring,
                             enum ring_role role)
{
    int none = 0;

    *end = (struct ring_end){.ring = ring, .role = role, .spins = RING_SPINS};
    return atomic_compare_exchange_strong(&ring->owners[role], &none, getpid());
}

static inline atomic_uint *ring_count(const struct ring_end *end,
                                      enum ring_role role)
{
    return role == RING_SENDER ? &end->ring->tail : &end->ring->head;
}

static inline atomic_int *ring_core(const struct ring_end *end,
                                    enum ring_role role)
{
    return role == RING_SENDER ? &end->ring->tail_core : &end->ring->head_core;
}

// How many slots this end may fill, or read, before the next ring_update().
static inline uint32_t ring_ready(const struct ring_end *end)
{
    return end->role == RING_SENDER ? RING_SLOTS - (end->count - end->other)
                                    : end->other - end->count;
}

// The next slot to fill, or to read; there is one if ring_ready() says so.
static inline struct reading_slot *ring_slot(const struct ring_end *end)
{
    return &end->ring->slots[end->count % RING_SLOTS];
}

// Load the other end's count: 1 if it has grown, 0 if not. It is loaded once,
// then checked: -1 and EPROTO if it cannot be that.
static inline int ring_update(struct ring_end *end)
{
    struct ring_end now = *end;

    now.other =
        atomic_load_explicit(ring_count(end, !end->role), memory_order_acquire);
    if (ring_ready(&now) > RING_SLOTS) {
        errno = EPROTO;
        return -1;
    }
    bool grown = now.other != end->other;
    end->other = now.other;
    return grown;
}

// Break it: a processor keeps stores in a buffer until their cache lines are
// there, and loads may overtake them. Fill half of that buffer with stores that
// take long, so that the next store takes long as well.
static inline void ring_delay_store(const struct ring_end *end)
{
    static size_t at;

    for (int i = 0; end->uncached && i < 24; i++) {
        at = (at + 1048583) % RING_UNCACHED_SIZE; // a prime: always new lines
        end->uncached[at] = 1;
    }
}

// Tell the other end how far this one is, and wake it if need be. A full
// barrier: it waits until all our stores have arrived in the cache.
static inline void ring_publish(const struct ring_end *end)
{
    atomic_store_explicit(ring_core(end, end->role), sched_getcpu(),
                          memory_order_relaxed);
    ring_delay_store(end);
    futex_set(ring_count(end, end->role), end->count,
              &end->ring->waiting[!end->role], end->uncached != NULL);
}

// Done with the slot. The other end is told of a batch at a time, and of the
// last ones by ring_wait() or ring_publish().
static inline void ring_next(struct ring_end *end)
{
    if (++end->count % RING_BATCH == 0)
        ring_publish(end);
}

// Look again and again whether the other end's count has grown. A load costs
// nanoseconds, sleeping and being woken on another core ten microseconds and
// more: as long as that may be saved, go on looking. It will not, if the last
// wait took much longer. And if both ends are on one core, nothing comes while
// this one looks. As ring_update().
static inline int ring_spin(struct ring_end *end)
{
    int grown = 0;

    for (int i = 0; grown == 0 && i < end->spins; i++) {
        futex_pause();
        grown = ring_update(end);
    }
    if (grown != 0 || end->spins == 0 || end->long_wait ||
        atomic_load_explicit(ring_core(end, !end->role),
                             memory_order_relaxed) == sched_getcpu())
        return grown;
    int64_t until = clock_ns() + RING_SPIN_NS;
    while (grown == 0 && clock_ns() < until) {
        futex_pause();
        grown = ring_update(end);
    }
    return grown;
}

// Wait until the other end's count has grown: 0. Or -1 and errno, EAGAIN after
// a tenth of a second, or EPROTO.
//
// sched_yield(2) in place of the sleep is no remedy: it is as good as sleeping
// until a third process wants the processor too, and then a hundred times
// worse.
static inline int ring_wait(struct ring_end *end)
{
    if (atomic_load_explicit(ring_count(end, end->role),
                             memory_order_relaxed) != end->count)
        ring_publish(end);
    int grown = ring_spin(end);
    if (grown == 0) {
        int64_t start = clock_ns();
        ring_delay_store(end);
        if (!futex_sleep(ring_count(end, !end->role), end->other,
                         &end->ring->waiting[end->role], end->uncached != NULL))
            end->lost++;
        end->long_wait = clock_ns() - start > 4L * RING_SPIN_NS;
        errno = EAGAIN;
        grown = ring_update(end);
    }
    return grown == 1 ? 0 : -1;
}

#endif
