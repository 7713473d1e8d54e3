/*
 * shm/counter.h -- what came through a ring, against what was announced.
 */
#ifndef SHM_COUNTER_H
#define SHM_COUNTER_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "slot.h"

struct counter {
    uint64_t arrived;   // readings
    uint64_t announced; // readings, by the senders' ENDs
    uint64_t balance;   // of their numbers: + those that arrived, - announced
    uint64_t skipped;   // slots without a reading, or with half of one
    struct timespec start;
};

// Count what was in a slot. False if it was an END.
static inline bool counter_add(struct counter *counter,
                               const struct reading_slot *slot)
{
    const struct reading *r = &slot->reading;

    if (!reading_slot_valid(slot)) {
        counter->skipped++;
        return true;
    }
    if (counter->start.tv_sec == 0)
        clock_gettime(CLOCK_MONOTONIC, &counter->start);
    if (r->kind == READING_END) {
        counter->announced += r->seq;
        counter->balance -= (uint64_t)r->seq * (r->seq + UINT64_C(1)) / 2;
        return false;
    }
    counter->arrived++;
    counter->balance += r->seq;
    return true;
}

// Print what this process received, and how fast.
static inline void counter_print(const struct counter *counter)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)(now.tv_sec - counter->start.tv_sec) +
                     (double)(now.tv_nsec - counter->start.tv_nsec) / 1e9;
    double bytes = (double)counter->arrived * sizeof(struct reading_slot);
    printf("%" PRIu64 " readings received, %.1f MB/s\n", counter->arrived,
           counter->arrived > 0 ? bytes / 1e6 / seconds : 0.0);
    if (counter->skipped > 0)
        printf("%" PRIu64 " slots skipped: no valid reading in them\n",
               counter->skipped);
}

// Print what all receivers received. True if that is all that was sent, once
// each.
static inline bool counter_complete(const struct counter *total)
{
    printf("%" PRIu64 " of %" PRIu64 " arrived\n", total->arrived,
           total->announced);
    if (total->arrived == total->announced && total->balance != 0)
        printf("but some twice, and others not at all\n");
    return total->arrived == total->announced && total->balance == 0 &&
           total->skipped == 0;
}

#endif
