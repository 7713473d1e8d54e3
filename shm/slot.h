/*
 * shm/slot.h -- a reading in shared memory.
 *
 * It stays on this host, so it has the form for computing, not the one for the
 * wire. It fills a cache line, the 64 bytes that processors hand to each other,
 * and has a checksum by which a reading half written is recognised.
 *
 *     0                20         24                             64
 *     +----------------+----------+-------------------------------+
 *     | reading        | checksum | 0                             |
 *     +----------------+----------+-------------------------------+
 */
#ifndef SHM_SLOT_H
#define SHM_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../common/reading.h"

#define READING_SLOT_U64S 8

struct reading_slot {
    _Alignas(64) union {
        struct {
            struct reading reading;
            uint32_t checksum;
        };
        uint64_t u64[READING_SLOT_U64S]; // all of it, to copy
    };
};

_Static_assert(sizeof(struct reading_slot) == 64, "a slot is one cache line");
_Static_assert(sizeof(struct reading) == 20, "padding crept in");

// Never 0 for a slot that is all 0. It finds accidents, not forgeries: any
// process can compute it.
static inline uint32_t reading_slot_checksum(const struct reading *r)
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
static inline void reading_slot_fill(struct reading_slot *shared,
                                     const struct reading *r)
{
    shared->reading.kind = r->kind;
    shared->reading.seq = r->seq;
    shared->reading.tenths = r->tenths;
    memcpy(shared->reading.station, r->station, sizeof r->station);
    shared->checksum = reading_slot_checksum(r);
    for (int i = 3; i < READING_SLOT_U64S; i++)
        shared->u64[i] = 0;
}

// Copy what is in a slot at this moment. volatile: each byte is read once, and
// from then on there is only the copy. Otherwise the compiler may read the slot
// twice, to check and to use it, and another process may change it in between.
static inline void reading_slot_read(struct reading_slot *copy,
                                     const struct reading_slot *shared)
{
    const volatile struct reading_slot *now = shared;

    for (int i = 0; i < READING_SLOT_U64S; i++)
        copy->u64[i] = now->u64[i];
}

// True if a copy holds a reading, and all of it.
static inline bool reading_slot_valid(const struct reading_slot *s)
{
    const struct reading *r = &s->reading;

    return s->checksum == reading_slot_checksum(r) &&
           (r->kind == READING_DATA || r->kind == READING_END) &&
           r->station[STATION_SIZE - 1] == '\0';
}

#endif
