/*
 * udp/tftp/tftp_sender.h -- the end that sends the file: from its bytes to
 * packets, and those that the window allows to the network.
 *
 * Packets wait in a ring until they are acknowledged, one place for each block
 * of the window and one for the block that is read ahead. They lie one behind
 * the other, so that many can be given to the kernel at once.
 */
#ifndef UDP_TFTP_TFTP_SENDER_H
#define UDP_TFTP_TFTP_SENDER_H

#include <errno.h>
#include <stdlib.h>

#include "tftp_io.h"
#include "tftp_machine.h"
#include "tftp_window.h"

#define TFTP_BURST 64          // packets sent at once
#define TFTP_BURST_BYTES 65000 // all of them: IP has 16 bits for that

struct tftp_sender {
    struct tftp_window window;
    struct tftp_file *file;
    struct cksum *crc;  // NULL: no option crc
    size_t block_size;  // bytes
    int64_t loaded;     // the last block that is in the ring
    int64_t timer;      // when a block in flight may be found lost, or the
                        // next one may be sent; 0: never
    uint8_t *ring;      // of capacity packets; that of a block is at its number
    size_t capacity;    // modulo capacity
    size_t packet_size; // bytes, of all but the last
    size_t length[TFTP_WINDOW_MAX + 1]; // of each
};

// Start with what was agreed on. 0; -1 and errno.
static inline int tftp_sender_start(struct tftp_sender *s,
                                    const struct tftp_options *agreed,
                                    struct tftp_file *file, struct cksum *crc,
                                    struct rto *rto)
{
    unsigned window = tftp_negotiated_window(agreed);

    tftp_window_start(&s->window, window,
                      tftp_options_has(agreed, TFTP_OPTION_SACK), rto);
    s->file = file;
    s->crc = crc;
    s->loaded = 0;
    s->timer = 0;
    s->block_size = tftp_negotiated_block(agreed);
    s->packet_size = TFTP_HEADER + s->block_size + (crc ? TFTP_CRC : 0);
    s->capacity = window + 1;
    s->ring = malloc(s->capacity * s->packet_size);
    return s->ring ? 0 : -1;
}

// Read the next block of the file into the ring. 0; -1 and errno.
static inline int tftp_sender_load(struct tftp_sender *s)
{
    int64_t number = s->loaded + 1;
    size_t index = (size_t)number % s->capacity;
    uint8_t *packet = s->ring + index * s->packet_size;

    ssize_t n = s->file->read(s->file, packet + TFTP_HEADER, s->block_size);
    if (n == -1)
        return -1;
    if ((size_t)n < s->block_size)
        s->window.last = number;
    tftp_put_header(packet, TFTP_DATA, (uint64_t)number);
    s->length[index] = TFTP_HEADER + (size_t)n;
    if (s->crc)
        s->length[index] =
            tftp_crc_append(s->crc, number, packet, s->length[index]);
    s->loaded = number;
    return 0;
}

// Whether block number may go into a burst of count packets that begins there:
// it lies behind them, and they are whole.
static inline bool tftp_sender_joins(const struct tftp_sender *s,
                                     int64_t number, int64_t first,
                                     unsigned count)
{
    size_t index = (size_t)first % s->capacity;

    return count == 0 ||
           (number == first + count && index + count < s->capacity &&
            s->length[index + count - 1] == s->packet_size &&
            count < TFTP_BURST &&
            (count + 1) * s->packet_size <= TFTP_BURST_BYTES);
}

// If the path has to wait before the next block, and no ACK comes earlier: send
// some together then.
static inline void tftp_sender_pace(struct tftp_sender *s, int64_t now)
{
    int64_t next = tftp_path_next(&s->window.path, now);

    if (next == 0 || tftp_window_next(&s->window, 0) == 0)
        return;
    next += TFTP_PATH_BURST / 2;
    if (s->timer == 0 || next < s->timer)
        s->timer = next;
}

// Send what the window allows; then, while the peer is at work, read a block
// ahead. expired: no answer came in time. TFTP_NO_EVENT; TFTP_LOCAL_ERROR or
// TFTP_PEER_GONE and errno.
static inline enum tftp_event
tftp_sender_send(struct tftp_sender *s, struct tftp_net *net, bool expired)
{
    struct tftp_window *w = &s->window;
    int64_t now = net->now(net);
    int64_t number = 0;
    unsigned count;

    if (expired) {
        net->one_by_one |= w->base == 0; // as nothing has arrived
        tftp_window_expired(w);
    }
    s->timer = tftp_window_find_lost(w, now);
    do {
        int64_t first = 0;
        for (count = 0; tftp_path_next(&w->path, now) == 0 &&
                        (number = tftp_window_next(w, number)) != 0;
             count++) {
            if (number > s->loaded && tftp_sender_load(s) == -1)
                return TFTP_LOCAL_ERROR;
            if (!tftp_sender_joins(s, number, first, count))
                break; // it begins the next burst
            first = count == 0 ? number : first;
            tftp_window_sent(w, number++, now);
        }
        size_t index = (size_t)first % s->capacity;
        if (count > 0 &&
            net->send(net, s->ring + index * s->packet_size, s->packet_size,
                      count, s->length[index + count - 1]) == -1)
            return TFTP_PEER_GONE;
    } while (count > 0);
    tftp_sender_pace(s, now);
    if (s->loaded < w->last && s->loaded < w->base + (int64_t)s->capacity &&
        tftp_sender_load(s) == -1)
        return TFTP_LOCAL_ERROR;
    return TFTP_NO_EVENT;
}

// An ACK of that block, with bits behind it.
static inline enum tftp_event tftp_sender_acked(struct tftp_sender *s,
                                                const struct tftp_packet *ack,
                                                int64_t number, int64_t now)
{
    bool is_new =
        tftp_window_acked(&s->window, number, ack->bytes, ack->count, now);

    if (tftp_window_done(&s->window))
        return TFTP_ALL_ACKED;
    return is_new ? TFTP_ACK_RECEIVED : TFTP_NO_EVENT;
}

// Bytes that have arrived: blocks, from the first one on.
static inline uint64_t tftp_sender_arrived(const struct tftp_sender *s)
{
    return (uint64_t)s->window.base * s->block_size;
}

#endif
