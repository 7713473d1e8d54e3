/*
 * udp/tftp/tftp_arrivals.h -- which blocks the receiver of a file has, and when
 * it says so.
 *
 *      have come        a gap     have come
 *     ----------------|- - - -|--##--#####--|
 *                 base ^                base + window
 *
 * Plain: what is behind a gap is dropped; an ACK says so once, another comes at
 * the end of each window (RFC 7440; a window of 1 is RFC 1350). With `sack`,
 * what is behind a gap is kept, and an ACK comes as soon as nothing more is
 * waiting to be read.
 */
#ifndef UDP_TFTP_TFTP_ARRIVALS_H
#define UDP_TFTP_TFTP_ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tftp_agree.h"

enum tftp_arrival {
    TFTP_NEXT = 1, // the one that was expected
    TFTP_AHEAD,    // keep it: the one before is missing
    TFTP_USELESS,  // drop it
};

struct tftp_arrivals {
    int64_t base; // all up to this one have come; the first is 1
    unsigned window;
    bool selective;
    bool ack_due;
    bool told;                    // plain: the gap
    unsigned unsaid;              // plain: blocks since the last ACK
    bool ahead[TFTP_WINDOW_MOST]; // has come; at its number modulo the window
};

static inline void tftp_arrivals_start(struct tftp_arrivals *a, unsigned window,
                                       bool selective)
{
    *a = (struct tftp_arrivals){.window = window, .selective = selective};
}

// A block has come that is whole.
static inline enum tftp_arrival tftp_arrive(struct tftp_arrivals *a,
                                            int64_t number)
{
    if (number == a->base + 1) {
        a->base++;
        a->told = false;
        a->ahead[number % a->window] = false;
        a->unsaid++;
        a->ack_due = a->ack_due || a->selective || a->unsaid >= a->window;
        return TFTP_NEXT;
    }
    if (number <= a->base) {
        // Again: our ACK was lost, if it is not a double.
        a->ack_due = a->ack_due || a->selective || number == a->base;
        return TFTP_USELESS;
    }
    if (!a->selective || number > a->base + a->window) {
        a->ack_due = a->ack_due || !a->told;
        a->told = true;
        return TFTP_USELESS;
    }
    a->ack_due = true;
    if (a->ahead[number % a->window])
        return TFTP_USELESS;
    a->ahead[number % a->window] = true;
    return TFTP_AHEAD;
}

// Whether the next one has come before: take it from where it was kept, and
// call tftp_arrive for it.
static inline bool tftp_has_next(const struct tftp_arrivals *a)
{
    return a->selective && a->ahead[(a->base + 1) % a->window];
}

// The bits of an ACK: the highest of the first byte is block base + 1. Returns
// how many bytes they are; at most window / 8 + 1.
static inline size_t tftp_arrivals_bits(const struct tftp_arrivals *a,
                                        uint8_t *bits)
{
    size_t count = 0;

    if (!a->selective)
        return 0;
    for (unsigned i = 0; i < a->window; i++) {
        if (!a->ahead[(a->base + 1 + i) % a->window])
            continue;
        while (count <= i / 8)
            bits[count++] = 0;
        bits[i / 8] |= (uint8_t)(0x80 >> i % 8);
    }
    return count;
}

// An ACK is sent.
static inline void tftp_arrivals_said(struct tftp_arrivals *a)
{
    a->ack_due = false;
    a->unsaid = 0;
}

#endif
