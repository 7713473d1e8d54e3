/*
 * udp/tftp/tftp_negotiate.h -- what a server grants of the options that were
 * requested, and what a client accepts.
 *
 * Source: RFC 2347, 2348, 2349, 7440.
 */
#ifndef UDP_TFTP_TFTP_NEGOTIATE_H
#define UDP_TFTP_TFTP_NEGOTIATE_H

#include "tftp_options.h"

// What a transfer may hold in memory: the packets of one window.
#define TFTP_MEMORY 4194304 // bytes
#define TFTP_WINDOW_MAX 2048

// The server: what it grants. size is that of the file in an RRQ whose mode is
// octet; otherwise -1. may_resume: the bytes before offset are those that the
// client has, by their cksum.
static inline struct tftp_options
tftp_negotiate_grant(const struct tftp_options *requested,
                     enum tftp_opcode opcode, bool octet, int64_t size,
                     bool may_resume)
{
    struct tftp_options granted = *requested;
    uint64_t *value = granted.value;

    if (tftp_options_has(requested, TFTP_OPTION_BLKSIZE) &&
        tftp_options_has(requested, TFTP_OPTION_WINDOWSIZE)) {
        uint64_t max =
            TFTP_MEMORY / (value[TFTP_OPTION_BLKSIZE] + TFTP_HEADER + TFTP_CRC);
        if (value[TFTP_OPTION_WINDOWSIZE] > max)
            value[TFTP_OPTION_WINDOWSIZE] = max;
    }
    if (value[TFTP_OPTION_WINDOWSIZE] > TFTP_WINDOW_MAX)
        value[TFTP_OPTION_WINDOWSIZE] = TFTP_WINDOW_MAX;

    // In an RRQ, tsize is a question; it is left out if we cannot answer it.
    if (opcode == TFTP_RRQ && octet && size >= 0)
        value[TFTP_OPTION_TSIZE] = (uint64_t)size;
    else if (opcode == TFTP_RRQ)
        granted.set &= ~(1U << TFTP_OPTION_TSIZE);

    // The checksum follows the file, and tsize says where that ends.
    if (!octet || !tftp_options_has(&granted, TFTP_OPTION_TSIZE))
        granted.set &= ~(1U << TFTP_OPTION_CKSUM);
    if (!tftp_options_has(&granted, TFTP_OPTION_CKSUM) || opcode != TFTP_RRQ)
        granted.set &= ~(1U << TFTP_OPTION_OFFSET);
    else if (!may_resume)
        value[TFTP_OPTION_OFFSET] = 0;
    return granted;
}

// Whether the option is either not granted, or with a value up to that one.
static inline bool tftp_negotiate_up_to(const struct tftp_options *granted,
                                        enum tftp_option i, uint64_t max)
{
    return !tftp_options_has(granted, i) || granted->value[i] <= max;
}

// The client: whether this is an answer to what it has requested.
static inline bool tftp_negotiate_accept(const struct tftp_options *requested,
                                         const struct tftp_options *granted,
                                         enum tftp_opcode opcode)
{
    const uint64_t *want = requested->value;
    const uint64_t *have = granted->value;
    bool cksum = tftp_options_has(granted, TFTP_OPTION_CKSUM);

    if ((granted->set & ~requested->set) != 0 ||
        !tftp_negotiate_up_to(granted, TFTP_OPTION_BLKSIZE,
                              want[TFTP_OPTION_BLKSIZE]) ||
        !tftp_negotiate_up_to(granted, TFTP_OPTION_WINDOWSIZE,
                              want[TFTP_OPTION_WINDOWSIZE]))
        return false;
    if (opcode == TFTP_WRQ && tftp_options_has(granted, TFTP_OPTION_TSIZE) &&
        have[TFTP_OPTION_TSIZE] != want[TFTP_OPTION_TSIZE])
        return false;
    if (cksum && !tftp_options_has(granted, TFTP_OPTION_TSIZE))
        return false;
    if (tftp_options_has(granted, TFTP_OPTION_OFFSET) &&
        (!cksum || have[TFTP_OPTION_OFFSET] > have[TFTP_OPTION_TSIZE] ||
         (have[TFTP_OPTION_OFFSET] != want[TFTP_OPTION_OFFSET] &&
          have[TFTP_OPTION_OFFSET] != 0)))
        return false;
    // A peer that knows one of our private options knows crc, too.
    return (granted->set & TFTP_OPTIONS_PRIVATE) == 0 ||
           !tftp_options_has(requested, TFTP_OPTION_CRC) ||
           tftp_options_has(granted, TFTP_OPTION_CRC);
}

static inline size_t tftp_negotiated_block(const struct tftp_options *agreed)
{
    return tftp_options_has(agreed, TFTP_OPTION_BLKSIZE)
               ? (size_t)agreed->value[TFTP_OPTION_BLKSIZE]
               : TFTP_BLOCK_DEFAULT;
}

static inline unsigned tftp_negotiated_window(const struct tftp_options *agreed)
{
    uint64_t window = tftp_options_has(agreed, TFTP_OPTION_WINDOWSIZE)
                          ? agreed->value[TFTP_OPTION_WINDOWSIZE]
                          : 1;

    return window < TFTP_WINDOW_MAX ? (unsigned)window : TFTP_WINDOW_MAX;
}

// Where the file ends that is received; UINT64_MAX if that is not known. A
// sender that does not know it says 0, too, but has no checksum then.
static inline uint64_t tftp_negotiated_size(const struct tftp_options *agreed,
                                            bool octet)
{
    uint64_t size = agreed->value[TFTP_OPTION_TSIZE];

    return octet && tftp_options_has(agreed, TFTP_OPTION_TSIZE) &&
                   (size != 0 || tftp_options_has(agreed, TFTP_OPTION_CKSUM))
               ? size
               : UINT64_MAX;
}

#endif
