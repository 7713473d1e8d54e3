/*
 * udp/tftp/tftp_options.h -- what both ends of a TFTP transfer agree on.
 *
 * The client asks for options in its request. The server leaves out those that
 * it does not know, and answers with what it grants; without any, it does not
 * answer so at all, and the transfer is a plain one.
 *
 *     blksize     bytes of a block, 8 to 65464                      RFC 2348
 *     timeout     seconds until a packet is sent again, at most     RFC 2349
 *     tsize       bytes of the whole file; 0 in an RRQ asks for it  RFC 2349
 *     windowsize  blocks that may be in flight at once              RFC 7440
 *     offset      begin there in the file: the client has what is before
 *     cksum       in an RRQ, the cksum(1) of the bytes before offset; and the
 *                 file is followed by four bytes, the cksum(1) of all of it
 *     sack        1: an ACK says which blocks have arrived behind a gap
 *     crc         a CRC for each packet (tftp_crc.h); always the last option
 *
 * The last four are this suite's own. All values are decimal numbers.
 *
 * Source: RFC 2347.
 */
#ifndef UDP_TFTP_TFTP_OPTIONS_H
#define UDP_TFTP_TFTP_OPTIONS_H

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "../../common/tftp.h"
#include "tftp_crc.h"

enum tftp_option {
    TFTP_OPTION_BLKSIZE,
    TFTP_OPTION_TIMEOUT,
    TFTP_OPTION_TSIZE,
    TFTP_OPTION_WINDOWSIZE,
    TFTP_OPTION_OFFSET,
    TFTP_OPTION_CKSUM,
    TFTP_OPTION_SACK,
    TFTP_OPTION_CRC,
    TFTP_OPTION_COUNT,
};

#define TFTP_OPTIONS_PRIVATE                                                   \
    (1U << TFTP_OPTION_OFFSET | 1U << TFTP_OPTION_CKSUM |                      \
     1U << TFTP_OPTION_SACK | 1U << TFTP_OPTION_CRC)

static const struct {
    const char *name;
    uint64_t min, max;
} tftp_option_table[TFTP_OPTION_COUNT] = {
    {"blksize", 8, TFTP_BLOCK_MAX},
    {"timeout", 1, 255},
    {"tsize", 0, INT64_MAX},
    {"windowsize", 1, 65535},
    {"offset", 0, INT64_MAX},
    {"cksum", 0, UINT32_MAX},
    {"sack", 1, 1},
    {"crc", 0, UINT32_MAX},
};

struct tftp_options {
    unsigned set; // a bit each
    uint64_t value[TFTP_OPTION_COUNT];
};

static inline bool tftp_options_has(const struct tftp_options *o,
                                    enum tftp_option i)
{
    return (o->set >> i & 1) != 0;
}

static inline void tftp_options_set(struct tftp_options *o, enum tftp_option i,
                                    uint64_t value)
{
    o->set |= 1U << i;
    o->value[i] = value;
}

// Set *value to the decimal number that is all of text, which has at most 19
// digits. strtoull would take "-1", and " 1".
static inline bool tftp_options_number(const char *text, uint64_t *value)
{
    size_t length = strlen(text);

    if (length == 0 || length > 19 || strspn(text, "0123456789") != length)
        return false;
    *value = 0;
    for (; *text != '\0'; text++)
        *value = *value * 10 + (uint64_t)(*text - '0');
    return true;
}

// Read the options of an RRQ, a WRQ or an OACK. Those that are unknown,
// repeated or out of range are left out, as RFC 2347 says; false if there was
// one of the last kind, or a string without its zero.
static inline bool tftp_options_get(struct tftp_options *o,
                                    const struct tftp_packet *p)
{
    const uint8_t *at = p->bytes;
    const uint8_t *end = p->bytes + p->count;
    bool ok = true;

    *o = (struct tftp_options){0};
    while (at < end) {
        uint64_t n;
        const char *name = tftp_string(&at, end);
        const char *value = name ? tftp_string(&at, end) : NULL;
        if (!value)
            return false;
        for (unsigned i = 0; i < TFTP_OPTION_COUNT; i++) {
            if (strcasecmp(name, tftp_option_table[i].name) != 0 ||
                tftp_options_has(o, i))
                continue;
            if (tftp_options_number(value, &n) &&
                n >= tftp_option_table[i].min && n <= tftp_option_table[i].max)
                tftp_options_set(o, i, n);
            else
                ok = false;
        }
    }
    return ok;
}

// Append the options to a datagram that has length of its size bytes; the value
// of crc becomes the CRC of what is before it. Returns the length then; 0 if
// there is no room.
static inline size_t tftp_options_put(uint8_t *datagram, size_t length,
                                      size_t size, const struct tftp_options *o,
                                      struct cksum *sum)
{
    for (unsigned i = 0; i < TFTP_OPTION_COUNT && length > 0; i++) {
        if (!tftp_options_has(o, i))
            continue;
        uint64_t value = i != TFTP_OPTION_CRC
                             ? o->value[i]
                             : tftp_crc(sum, 0, datagram, length);
        int n = snprintf((char *)datagram + length, size - length,
                         "%s%c%" PRIu64, tftp_option_table[i].name, 0, value);
        length = (size_t)n + 1 > size - length ? 0 : length + (size_t)n + 1;
    }
    return length;
}

// Whether one of these strings is the name of an option of ours, even where a
// value belongs: if a zero is corrupted, names become values.
static inline bool tftp_options_private(const uint8_t *at, size_t n)
{
    const uint8_t *end = at + n;
    const char *text;

    while (at < end && (text = tftp_string(&at, end)))
        for (unsigned i = TFTP_OPTION_OFFSET; i < TFTP_OPTION_COUNT; i++)
            if (strcasecmp(text, tftp_option_table[i].name) == 0)
                return true;
    return false;
}

// Whether a request or an OACK of n bytes is what was sent: false if the option
// crc says otherwise, or is missing though the peer, who sends one of our
// private options, knows it.
static inline bool tftp_options_intact(const struct tftp_options *o,
                                       const uint8_t *datagram, size_t n,
                                       struct cksum *sum)
{
    struct tftp_packet packet;

    if (!tftp_options_has(o, TFTP_OPTION_CRC))
        return tftp_decode(&packet, datagram, n) &&
               !tftp_options_private(packet.bytes, packet.count);

    size_t value = n - 1; // "crc", 0, value, 0: found from the end
    while (value > 0 && datagram[value - 1] != 0)
        value--;
    if (value < sizeof "crc" + 2)
        return false;
    size_t name = value - sizeof "crc";
    return memcmp(datagram + name, "crc", sizeof "crc") == 0 &&
           tftp_crc(sum, 0, datagram, name) == o->value[TFTP_OPTION_CRC];
}

#endif
