/*
 * udp/tftp/tftp_agree.h -- which options are granted, and which answer is one to
 * what was asked for.
 */
#ifndef UDP_TFTP_TFTP_AGREE_H
#define UDP_TFTP_TFTP_AGREE_H

#include "tftp_options.h"

// What a transfer may hold in memory: packets of one window, with their heads.
#define TFTP_MEMORY 4194304
#define TFTP_WINDOW_MOST 2048

// The server: what it grants of what was asked. size is that of the file in an
// RRQ whose mode is octet, -1 if nobody knows; in a WRQ, -1. may_resume: the
// bytes before offset are those that the client has, by their cksum.
static inline struct tftp_options tftp_grant(const struct tftp_options *asked,
                                             enum tftp_opcode opcode,
                                             bool octet, int64_t size,
                                             bool may_resume)
{
    struct tftp_options granted = *asked;
    uint64_t *value = granted.value;

    if (tftp_has(asked, TFTP_BLKSIZE) && tftp_has(asked, TFTP_WINDOWSIZE)) {
        uint64_t most =
            TFTP_MEMORY / (value[TFTP_BLKSIZE] + TFTP_HEAD + TFTP_GUARD);
        if (value[TFTP_WINDOWSIZE] > most)
            value[TFTP_WINDOWSIZE] = most;
    }
    if (value[TFTP_WINDOWSIZE] > TFTP_WINDOW_MOST)
        value[TFTP_WINDOWSIZE] = TFTP_WINDOW_MOST;

    // In an RRQ, tsize is a question; who knows the answer gives it.
    if (opcode == TFTP_RRQ && octet && size >= 0)
        value[TFTP_TSIZE] = (uint64_t)size;
    else if (opcode == TFTP_RRQ)
        granted.set &= ~(1U << TFTP_TSIZE);

    // The checksum follows the file, and tsize says where that ends.
    if (!octet || !tftp_has(&granted, TFTP_TSIZE))
        granted.set &= ~(1U << TFTP_CKSUM);
    if (!tftp_has(&granted, TFTP_CKSUM) || opcode != TFTP_RRQ)
        granted.set &= ~(1U << TFTP_OFFSET);
    else if (!may_resume)
        value[TFTP_OFFSET] = 0;
    return granted;
}

// The client: whether it may have been given this for what it asked.
static inline bool tftp_accept(const struct tftp_options *asked,
                               const struct tftp_options *granted,
                               enum tftp_opcode opcode)
{
    const uint64_t *want = asked->value;
    const uint64_t *have = granted->value;

    if ((granted->set & ~asked->set) != 0)
        return false;
    if (tftp_has(granted, TFTP_BLKSIZE) &&
        have[TFTP_BLKSIZE] > want[TFTP_BLKSIZE])
        return false;
    if (tftp_has(granted, TFTP_WINDOWSIZE) &&
        have[TFTP_WINDOWSIZE] > want[TFTP_WINDOWSIZE])
        return false;
    if (tftp_has(granted, TFTP_TIMEOUT) &&
        have[TFTP_TIMEOUT] != want[TFTP_TIMEOUT])
        return false;
    if (opcode == TFTP_WRQ && tftp_has(granted, TFTP_TSIZE) &&
        have[TFTP_TSIZE] != want[TFTP_TSIZE])
        return false;
    if (tftp_has(granted, TFTP_CKSUM) && !tftp_has(granted, TFTP_TSIZE))
        return false;
    if (tftp_has(granted, TFTP_OFFSET) &&
        (!tftp_has(granted, TFTP_CKSUM) ||
         (have[TFTP_OFFSET] != want[TFTP_OFFSET] && have[TFTP_OFFSET] != 0) ||
         have[TFTP_OFFSET] > have[TFTP_TSIZE]))
        return false;
    // Who knows any of ours knows guard: without it, it was damaged.
    return (granted->set & TFTP_OURS) == 0 || !tftp_has(asked, TFTP_GUARDED) ||
           tftp_has(granted, TFTP_GUARDED);
}

static inline size_t tftp_block_size(const struct tftp_options *agreed)
{
    return tftp_has(agreed, TFTP_BLKSIZE) ? (size_t)agreed->value[TFTP_BLKSIZE]
                                          : TFTP_BLOCK;
}

static inline unsigned tftp_window(const struct tftp_options *agreed)
{
    return tftp_has(agreed, TFTP_WINDOWSIZE)
               ? (unsigned)agreed->value[TFTP_WINDOWSIZE]
               : 1;
}

#endif
