/*
 * udp/tftp/tftp_receiver.h -- the end that receives the file: from packets to
 * its bytes, in order, and the ACKs.
 *
 *      have arrived      gap      have arrived
 *     ----------------|- - - -|--##--#####--|
 *                 base ^                base + window
 *
 * Plain: what is behind a gap is dropped, and one ACK says so (RFC 7440);
 * another comes at the end of each window. In lock step, a window of 1, a block
 * from the future is no gap but an error, and gets no answer. With `sack`, what
 * is behind a gap is kept, and an ACK is due as soon as there is nothing more
 * to read.
 */
#ifndef UDP_TFTP_TFTP_RECEIVER_H
#define UDP_TFTP_TFTP_RECEIVER_H

#include <stdlib.h>

#include "tftp_io.h"
#include "tftp_machine.h"
#include "tftp_negotiate.h"

#define TFTP_ACK_MAX (TFTP_HEADER + TFTP_WINDOW_MAX / 8 + 1 + TFTP_CRC)

enum tftp_arrival {
    TFTP_NEXT = 1, // the one that was expected
    TFTP_AHEAD,    // keep it: the one before is missing
    TFTP_USELESS,  // drop it
};

struct tftp_receiver {
    int64_t base; // all up to this one have arrived; the first is 1
    unsigned window;
    bool selective; // sack was agreed on
    bool ack_due;
    bool gap_told;               // plain: an ACK has said so
    unsigned unacked;            // plain: blocks since the last ACK
    bool saw_loss;               // or a duplicate, or something late
    bool ahead[TFTP_WINDOW_MAX]; // has arrived; at number modulo window

    struct tftp_file *file;
    struct cksum *crc;              // NULL: no option crc
    size_t block_size;              // bytes
    uint8_t *ring;                  // blocks that arrived behind a gap
    size_t length[TFTP_WINDOW_MAX]; // of each, at number modulo window
};

// Start with what was agreed on. 0; -1 and errno.
static inline int tftp_receiver_start(struct tftp_receiver *r,
                                      const struct tftp_options *agreed,
                                      struct tftp_file *file, struct cksum *crc)
{
    *r = (struct tftp_receiver){
        .file = file, .crc = crc, .saw_loss = r->saw_loss}; // while agreeing
    r->window = tftp_negotiated_window(agreed);
    r->selective = tftp_options_has(agreed, TFTP_OPTION_SACK);
    r->block_size = tftp_negotiated_block(agreed);
    r->ring = malloc(r->window * r->block_size);
    return r->ring ? 0 : -1;
}

// A block has arrived: what to do with it.
static inline enum tftp_arrival tftp_receiver_arrived(struct tftp_receiver *r,
                                                      int64_t number)
{
    if (number == r->base + 1) {
        r->base++;
        r->gap_told = false;
        r->ahead[number % r->window] = false;
        r->unacked++;
        r->ack_due = r->ack_due || r->selective || r->unacked >= r->window;
        return TFTP_NEXT;
    }
    if (number <= r->base) {
        // Again: our ACK was lost, if this is not a duplicate.
        r->ack_due = r->ack_due || r->selective || number == r->base;
        return TFTP_USELESS;
    }
    if (!r->selective || number > r->base + r->window) {
        r->ack_due = r->ack_due || (!r->gap_told && r->window > 1);
        r->gap_told = true;
        return TFTP_USELESS;
    }
    r->ack_due = true;
    if (r->ahead[number % r->window])
        return TFTP_USELESS;
    r->ahead[number % r->window] = true;
    return TFTP_AHEAD;
}

// Whether the next one has arrived before: take it from the ring, and call
// tftp_receiver_arrived for it.
static inline bool tftp_receiver_has_next(const struct tftp_receiver *r)
{
    return r->selective && r->ahead[(r->base + 1) % r->window];
}

// Keep a block that arrived behind a gap. 0; -1 and errno.
static inline int tftp_receiver_keep(struct tftp_receiver *r, int64_t number,
                                     const uint8_t *bytes, size_t count)
{
    size_t index = (size_t)number % r->window;

    // The block that was there before may not be in the file yet.
    if (r->file->flush(r->file) == -1)
        return -1;
    memcpy(r->ring + index * r->block_size, bytes, count);
    r->length[index] = count;
    return 0;
}

// The bytes of a DATA, which stay where they are until the file is flushed.
// TFTP_DATA_RECEIVED if they were of use, TFTP_DATA_COMPLETE if they were the
// last that were missing; TFTP_NO_EVENT; TFTP_LOCAL_ERROR and errno.
static inline enum tftp_event tftp_receiver_add(struct tftp_receiver *r,
                                                int64_t number, uint8_t *bytes,
                                                size_t count)
{
    if (count > r->block_size)
        return TFTP_NO_EVENT;
    enum tftp_arrival arrival = tftp_receiver_arrived(r, number);
    r->saw_loss = r->saw_loss || arrival != TFTP_NEXT;
    if (arrival == TFTP_USELESS)
        return TFTP_NO_EVENT;
    if (arrival == TFTP_AHEAD)
        return tftp_receiver_keep(r, number, bytes, count) == -1
                   ? TFTP_LOCAL_ERROR
                   : TFTP_DATA_RECEIVED;
    for (;;) {
        if (r->file->write(r->file, bytes, count) == -1)
            return TFTP_LOCAL_ERROR;
        if (count < r->block_size)
            return r->file->flush(r->file) == -1 ? TFTP_LOCAL_ERROR
                                                 : TFTP_DATA_COMPLETE;
        if (!tftp_receiver_has_next(r))
            return TFTP_DATA_RECEIVED;
        size_t index = (size_t)++number % r->window;
        bytes = r->ring + index * r->block_size;
        count = r->length[index];
        tftp_receiver_arrived(r, number);
    }
}

// The bits of an ACK: the highest of the first byte is block base + 1. Returns
// how many bytes they are; at most window / 8 + 1.
static inline size_t tftp_receiver_bits(const struct tftp_receiver *r,
                                        uint8_t *bits)
{
    size_t count = 0;

    for (unsigned i = 0; r->selective && i < r->window; i++) {
        if (!r->ahead[(r->base + 1 + i) % r->window])
            continue;
        while (count <= i / 8)
            bits[count++] = 0;
        bits[i / 8] |= (uint8_t)(0x80 >> i % 8);
    }
    return count;
}

// Send an ACK of what has arrived. TFTP_NO_EVENT; TFTP_PEER_GONE and errno.
static inline enum tftp_event tftp_receiver_ack(struct tftp_receiver *r,
                                                struct tftp_net *net)
{
    uint8_t ack[TFTP_ACK_MAX];
    size_t n = TFTP_HEADER + tftp_receiver_bits(r, ack + TFTP_HEADER);

    tftp_put_header(ack, TFTP_ACK, (uint64_t)r->base);
    if (r->crc)
        n = tftp_crc_append(r->crc, r->base, ack, n);
    r->ack_due = false;
    r->unacked = 0;
    return net->send(net, ack, n, 1, n) == -1 ? TFTP_PEER_GONE : TFTP_NO_EVENT;
}

#endif
