/*
 * shm/slot.h -- a reading in shared memory.
 *
 * It stays on this host, so it has the form for computing, not the one for the
 * wire. It fills a cache line, the 64 bytes that processors hand to each other,
 * and has a sum by which a whole reading can be told from one half written.
 *
 *     0                20      24                                64
 *     +----------------+-------+----------------------------------+
 *     | reading        | sum   | 0                                |
 *     +----------------+-------+----------------------------------+
 */
#ifndef SHM_SLOT_H
#define SHM_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../common/reading.h"

#define SLOT_WORDS 8

struct slot {
    _Alignas(64) union {
        struct {
            struct reading reading;
            uint32_t sum;
        };
        uint64_t words[SLOT_WORDS];
    };
};

_Static_assert(sizeof(struct slot) == 64, "a slot is one cache line");
_Static_assert(sizeof(struct reading) == 20, "padding crept in");

// Never 0 for a slot that is all 0. Good against accidents; whoever wants to
// cheat can add, too.
static inline uint32_t slot_sum(const struct reading *r)
{
    uint16_t station_2;
    uint32_t station_4, station_4_more;

    memcpy(&station_2, r->station, 2);
    memcpy(&station_4, r->station + 2, 4);
    memcpy(&station_4_more, r->station + 6, 4);
    uint32_t sum = 1 + (uint32_t)r->kind;
    sum = sum * 31 + r->seq;
    sum = sum * 31 + (uint16_t)r->tenths;
    sum = sum * 31 + station_2;
    sum = sum * 31 + station_4;
    sum = sum * 31 + station_4_more;
    return sum;
}

// Write all 64 bytes. Field by field, in place: a reading put together
// elsewhere and copied would take five times as long.
static inline void slot_fill(struct slot *shared, const struct reading *r)
{
    shared->reading.kind = r->kind;
    shared->reading.seq = r->seq;
    shared->reading.tenths = r->tenths;
    memcpy(shared->reading.station, r->station, sizeof r->station);
    shared->sum = slot_sum(r);
    for (int i = 3; i < SLOT_WORDS; i++)
        shared->words[i] = 0;
}

// Copy what is in a slot at this moment. volatile: each word is read once, and
// from then on there is only the copy. Otherwise the compiler may check the
// one and use the other, and somebody may have changed it in between.
static inline void slot_read(struct slot *copy, const struct slot *shared)
{
    const volatile struct slot *now = shared;

    for (int i = 0; i < SLOT_WORDS; i++)
        copy->words[i] = now->words[i];
}

// True if a copy holds a reading, and all of it.
static inline bool slot_is_whole(const struct slot *s)
{
    const struct reading *r = &s->reading;

    return s->sum == slot_sum(r) &&
           (r->kind == READING_DATA || r->kind == READING_END) &&
           r->station[STATION_SIZE - 1] == '\0';
}

#endif
