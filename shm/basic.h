/*
 * shm/basic.h -- the segment that the two ends of basic, and of torn, share.
 */
#ifndef SHM_BASIC_H
#define SHM_BASIC_H

#include "segment.h"
#include "slot.h"

#define BASIC_MAGIC 0x62617369u // "basi"
#define TORN_MAGIC 0x746f726eu  // "torn"

struct basic {
    struct segment_header header;
    struct reading_slot slot;
};

// Semaphores of basic. One of them is 1 and the other 0; both are 0 while one
// of the two processes is using the slot.
enum { EMPTY, FULL, BASIC_SEMAPHORES };

#endif
