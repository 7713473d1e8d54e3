/*
 * shm/halves.h -- what file_recv and file_send share: two halves, of which one
 *                 is being filled while the other is being emptied.
 */
#ifndef SHM_HALVES_H
#define SHM_HALVES_H

#include <stdatomic.h>
#include <stdint.h>

#include "../common/cksum.h"
#include "segment.h"

#define HALVES_MAGIC 0x68616c76u // "halv"
#define HALF_SIZE 262144u        // both stay in a processor's own cache

struct halves {
    struct segment_header header;
    atomic_int sender;         // the PID of the only sender, 0 before it comes
    atomic_int outcome;        // 0 while there is none, RECEIVED, or an errno
    atomic_uint length[2];     // bytes in each half; 0 is the end of the file
    _Atomic uint64_t size;     // of the whole file, set before its end
    _Atomic uint32_t checksum; // cksum(1) of it, likewise
    _Alignas(4096) unsigned char half[2][HALF_SIZE];
};

#define RECEIVED (-1)

// Halves that are empty, halves that are full, and whether there is an outcome.
enum { EMPTY, FULL, OUTCOME, HALVES_SEMAPHORES };

#endif
