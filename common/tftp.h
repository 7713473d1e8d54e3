/*
 * common/tftp.h -- TFTP: its packets, and how they become structs.
 *
 *            2 bytes  (all numbers big-endian)
 *           +---+------------------------------------------+
 *   RRQ     | 1 | path 0 | mode 0 | name 0 | value 0 | ... |   read request
 *   WRQ     | 2 | path 0 | mode 0 | name 0 | value 0 | ... |   write request
 *           +---+-------+----------------------------------+
 *   DATA    | 3 | block | bytes: less than a block ends it |
 *           +---+-------+----------------------------------+
 *   ACK     | 4 | block | (with `sack`: a bit each for the |
 *           |   |       |  blocks behind it, highest first) |
 *           +---+-------+----------------------------------+
 *   ERROR   | 5 | code  | text 0                           |
 *           +---+-------+----------------------------------+
 *   OACK    | 6 | name 0 | value 0 | ...                   |
 *           +---+------------------------------------------+
 *
 * A file, and the same with options; the server answers from a new port, its
 * transfer identifier (TID), which is the transfer's from then on:
 *
 *   client                  server      client                      server
 *     RRQ ---------> :69                  RRQ, windowsize 2 --> :69
 *         <-- DATA 1 :4711                    <-- OACK, windowsize 2 :4711
 *     ACK 1 -------> :4711                ACK 0 --------------> :4711
 *         <-- DATA 2                          <-- DATA 1, DATA 2
 *     ACK 2 ------->                      ACK 2 -------------->
 *
 * With the option `crc`, DATA, ACK and ERROR end in four bytes more: see
 * udp/tftp/tftp_crc.h.
 *
 * Source: RFC 1350; 2347 for options; see udp/tftp/tftp_options.h.
 */
#ifndef COMMON_TFTP_H
#define COMMON_TFTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TFTP_HEADER 4          // bytes before those of DATA
#define TFTP_BLOCK_DEFAULT 512 // bytes of a block without the option blksize
#define TFTP_BLOCK_MAX 65464   // RFC 2348
#define TFTP_REQUEST_MAX 2048  // RFC 2347 says 512; a path may have 255

enum tftp_opcode {
    TFTP_RRQ = 1,
    TFTP_WRQ,
    TFTP_DATA,
    TFTP_ACK,
    TFTP_ERROR,
    TFTP_OACK,
};

enum tftp_error_code {
    TFTP_ERROR_UNDEFINED = 0, // see the text
    TFTP_ERROR_NOT_FOUND,
    TFTP_ERROR_ACCESS,
    TFTP_ERROR_DISK_FULL,
    TFTP_ERROR_ILLEGAL,
    TFTP_ERROR_UNKNOWN_TID,
    TFTP_ERROR_EXISTS,
    TFTP_ERROR_NO_USER,
    TFTP_ERROR_OPTIONS, // RFC 2347
};

struct tftp_packet {
    enum tftp_opcode opcode;
    uint16_t block;       // of DATA and ACK; the code of an ERROR
    const char *path;     // of RRQ and WRQ
    const char *mode;     // of RRQ and WRQ
    const uint8_t *bytes; // what follows: the bytes of the file (DATA), bits
    size_t count;         // (ACK), text (ERROR), or options; and how many bytes
};

static inline uint16_t tftp_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void tftp_put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

// The string that begins at *at and ends before end; moves *at behind it. NULL
// if there is no zero.
static inline const char *tftp_string(const uint8_t **at, const uint8_t *end)
{
    const uint8_t *text = *at;
    const uint8_t *zero = memchr(text, 0, (size_t)(end - text));

    if (!zero)
        return NULL;
    *at = zero + 1;
    return (const char *)text;
}

// Fill *p from the n bytes of a datagram, which it points into. False if that
// is no packet of this protocol.
static inline bool tftp_decode(struct tftp_packet *p, const uint8_t *datagram,
                               size_t n)
{
    *p = (struct tftp_packet){0};
    if (n < TFTP_HEADER)
        return false;
    const uint8_t *at = datagram + 2;
    const uint8_t *end = at + (n - 2);
    unsigned opcode = tftp_get16(datagram);
    if (opcode < TFTP_RRQ || opcode > TFTP_OACK)
        return false;
    p->opcode = (enum tftp_opcode)opcode;
    if (opcode == TFTP_RRQ || opcode == TFTP_WRQ) {
        p->path = tftp_string(&at, end);
        p->mode = p->path ? tftp_string(&at, end) : NULL;
        if (!p->mode || *p->path == '\0')
            return false;
    } else if (opcode != TFTP_OACK) {
        p->block = tftp_get16(at);
        at += 2;
    }
    p->bytes = at;
    p->count = (size_t)(end - at);
    if (opcode == TFTP_ERROR) { // some forget the zero
        const uint8_t *zero = memchr(at, 0, p->count);
        p->count = zero ? (size_t)(zero - at) : p->count;
    }
    return true;
}

// Write the header of a DATA or an ACK.
static inline void tftp_put_header(uint8_t *datagram, enum tftp_opcode opcode,
                                   uint64_t block)
{
    tftp_put16(datagram, opcode);
    tftp_put16(datagram + 2, (uint16_t)block); // its low 16 bits
}

// Write an ERROR of at most size bytes, 5 or more. Returns how many.
static inline size_t tftp_put_error(uint8_t *datagram, size_t size,
                                    unsigned code, const char *text)
{
    size_t length = strnlen(text, size - TFTP_HEADER - 1);

    tftp_put16(datagram, TFTP_ERROR);
    tftp_put16(datagram + 2, code);
    memcpy(datagram + TFTP_HEADER, text, length);
    datagram[TFTP_HEADER + length] = '\0';
    return TFTP_HEADER + length + 1;
}

// Block numbers have 16 bits and wrap: the number meant is the one nearest to
// the one that was expected.
static inline int64_t tftp_unwrap(int64_t expected, uint16_t block)
{
    return expected + (int16_t)(uint16_t)(block - (uint16_t)expected);
}

#endif
