/*
 * shm/basic.h -- what basic_recv and basic_send share: one slot, and whose
 *                turn it is.
 */
#ifndef SHM_BASIC_H
#define SHM_BASIC_H

#include "segment.h"
#include "slot.h"

#define BASIC_MAGIC 0x62617369u // "basi"

struct basic {
    struct segment_header header;
    struct slot slot;
};

// One of them is 1 and the other 0; both are 0 while somebody is at the slot.
enum basic_semaphore { EMPTY, FULL, BASIC_SEMAPHORES };

#endif
