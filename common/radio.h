/*
 * common/radio.h -- what a radio station sends.
 *
 *      0               4     5     6         8               12      14
 *     +---------------+-----+-----+---------+---------------+-------+------
 *     |  R  D  I  O   |  1  |flags| channel |   sequence    |length | bytes
 *     +---------------+-----+-----+---------+---------------+-------+------
 *       magic        version
 *
 * All channels go to one group and port; the number tells them apart. Channel
 * 0 has no sound, it is the list of the others:
 *
 *     +---------+------+------------+---------+------+-----
 *     | channel |length| name       | channel |length| ...
 *     +---------+------+------------+---------+------+-----
 *      2 bytes   1       1 to 40, no control characters
 *
 * The sequence of a channel counts its packets, from 0 on, and wraps. Pure.
 * What the decode functions return true for has sizes that fit.
 */
#ifndef COMMON_RADIO_H
#define COMMON_RADIO_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RADIO_MAGIC 0x5244494fU // "RDIO"
#define RADIO_VERSION 1
#define RADIO_BYTES_MAX 1400 // with all headers it fits an Ethernet frame
#define RADIO_LIST 0         // the number of the list's channel
#define RADIO_NAME_MAX 40
#define RADIO_CHANNELS_MAX 32

enum radio_flag {
    RADIO_START = 1, // a decoder can start at the first of the bytes
    RADIO_END = 2,   // the channel has ended: no bytes
};

struct radio_header {
    uint8_t flags;
    uint16_t channel;
    uint32_t seq;
    uint16_t length; // of the bytes
};

struct radio_wire {
    uint32_t magic;
    uint8_t version;
    uint8_t flags;
    uint16_t channel;
    uint32_t seq;
    uint16_t length;
    uint8_t bytes[RADIO_BYTES_MAX];
} __attribute__((packed));

#define RADIO_HEADER offsetof(struct radio_wire, bytes)
_Static_assert(RADIO_HEADER == 14, "as in the picture");
_Static_assert(RADIO_CHANNELS_MAX *(3 + RADIO_NAME_MAX) <= RADIO_BYTES_MAX,
               "the list fits a packet");

// Put the header before the bytes that are there. Returns the packet's size.
static inline size_t radio_encode(struct radio_wire *w,
                                  const struct radio_header *h)
{
    w->magic = htonl(RADIO_MAGIC);
    w->version = RADIO_VERSION;
    w->flags = h->flags;
    w->channel = htons(h->channel);
    w->seq = htonl(h->seq);
    w->length = htons(h->length);
    return RADIO_HEADER + h->length;
}

// Whether the size bytes that came, of which *w has what fits, are a packet.
static inline bool radio_decode(const struct radio_wire *w, size_t size,
                                struct radio_header *h)
{
    if (size < RADIO_HEADER || size > sizeof *w ||
        ntohl(w->magic) != RADIO_MAGIC || w->version != RADIO_VERSION ||
        (w->flags & ~(RADIO_START | RADIO_END)) != 0)
        return false;
    *h = (struct radio_header){
        .flags = w->flags,
        .channel = ntohs(w->channel),
        .seq = ntohl(w->seq),
        .length = ntohs(w->length),
    };
    const bool ends = (h->flags & RADIO_END) != 0;
    return h->length == size - RADIO_HEADER && ends == (h->length == 0) &&
           h->channel <= RADIO_CHANNELS_MAX &&
           (h->channel != RADIO_LIST || h->flags == 0);
}

struct radio_list {
    int count;
    struct radio_entry {
        uint16_t channel; // 1 or more, rising
        char name[RADIO_NAME_MAX + 1];
    } entries[RADIO_CHANNELS_MAX];
};

// Write the list as the bytes of a packet. Returns how many.
static inline uint16_t radio_encode_list(uint8_t *bytes,
                                         const struct radio_list *list)
{
    uint8_t *end = bytes;

    for (int i = 0; i < list->count; i++) {
        const struct radio_entry *e = &list->entries[i];
        const size_t length = strnlen(e->name, RADIO_NAME_MAX);
        *end++ = (uint8_t)(e->channel >> 8);
        *end++ = (uint8_t)e->channel;
        *end++ = (uint8_t)length;
        memcpy(end, e->name, length);
        end += length;
    }
    return (uint16_t)(end - bytes);
}

// Whether these bytes are a list.
static inline bool radio_decode_list(const uint8_t *bytes, size_t size,
                                     struct radio_list *list)
{
    unsigned min = 1;

    *list = (struct radio_list){0};
    while (size > 0) {
        if (size < 3 || list->count == RADIO_CHANNELS_MAX)
            return false;
        struct radio_entry *e = &list->entries[list->count++];
        const size_t length = bytes[2];
        e->channel = (uint16_t)(bytes[0] << 8 | bytes[1]);
        if (e->channel < min || e->channel > RADIO_CHANNELS_MAX ||
            length == 0 || length > RADIO_NAME_MAX || size < 3 + length)
            return false;
        for (size_t i = 0; i < length; i++)
            if (bytes[3 + i] < ' ' || bytes[3 + i] == 0x7f)
                return false;
        memcpy(e->name, bytes + 3, length);
        min = e->channel + 1U;
        bytes += 3 + length;
        size -= 3 + length;
    }
    return list->count > 0;
}

#endif
