/*
 * shm/tally.h -- what came through a ring, against what was announced.
 */
#ifndef SHM_TALLY_H
#define SHM_TALLY_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "../common/reading.h"
#include "slot.h"

struct tally {
    uint64_t arrived;   // readings
    uint64_t announced; // readings, by the senders' ENDs
    uint64_t balance;   // of their numbers: + what arrived, - what should
    uint64_t skipped;   // slots without a reading, or with half of one
    struct timespec begun;
};

// Count what was in a slot. False if it was an END.
static inline bool tally_add(struct tally *tally, const struct slot *slot)
{
    const struct reading *r = &slot->reading;

    if (!slot_is_whole(slot)) {
        tally->skipped++;
        return true;
    }
    if (tally->begun.tv_sec == 0)
        clock_gettime(CLOCK_MONOTONIC, &tally->begun);
    if (r->kind == READING_END) {
        tally->announced += r->seq;
        tally->balance -= (uint64_t)r->seq * (r->seq + UINT64_C(1)) / 2;
        return false;
    }
    tally->arrived++;
    tally->balance += r->seq;
    return true;
}

// Say what this process took, and how fast.
static inline void tally_say(const struct tally *tally)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)(now.tv_sec - tally->begun.tv_sec) +
                     (double)(now.tv_nsec - tally->begun.tv_nsec) / 1e9;
    double bytes = (double)tally->arrived * sizeof(struct slot);
    printf("%" PRIu64 " readings taken, %.1f MB/s\n", tally->arrived,
           tally->arrived > 0 ? bytes / 1e6 / seconds : 0.0);
    if (tally->skipped > 0)
        printf("%" PRIu64 " slots skipped: no whole reading in them\n",
               tally->skipped);
}

// Say what all receivers took. True if that is all that was sent, once each.
static inline bool tally_is_even(const struct tally *total)
{
    printf("%" PRIu64 " of %" PRIu64 " arrived\n", total->arrived,
           total->announced);
    if (total->arrived == total->announced && total->balance != 0)
        printf("but some twice, and others not at all\n");
    return total->arrived == total->announced && total->balance == 0 &&
           total->skipped == 0;
}

#endif
