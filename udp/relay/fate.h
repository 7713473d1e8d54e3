/*
 * udp/relay/fate.h -- what becomes of a datagram on a bad network.
 *
 * Pure: the same seed, conversation, direction and number have the same fate in
 * every run. Each kind of harm throws dice of its own, so that another rate for
 * one of them changes nothing about the others.
 */
#ifndef UDP_RELAY_FATE_H
#define UDP_RELAY_FATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum harm {
    LOSS,    // probabilities, from 0 to 1
    DUP,     // a copy follows
    REORDER, // the next one overtakes it
    CORRUPT, // a bit flips
    BITROT,  // bytes change, and the checksum stays the same
    DELAY,   // microseconds: each waits as long,
    JITTER,  // and up to as long again
    HARMS,
};

struct fate {
    bool harmed[BITROT + 1];
    int64_t wait, copy_waits; // microseconds
    uint64_t noise;           // says which bit, or which bytes
};

// 64 bits that look random, from 64 that need not: splitmix64.
static inline uint64_t fate_scramble(uint64_t n)
{
    n += UINT64_C(0x9e3779b97f4a7c15);
    n = (n ^ (n >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    n = (n ^ (n >> 27)) * UINT64_C(0x94d049bb133111eb);
    return n ^ (n >> 31);
}

// The dice for one question about one datagram: from 0 to just below 1.
static inline double fate_dice(uint64_t datagram, unsigned question)
{
    return (double)(fate_scramble(datagram + question) >> 11) * 0x1p-53;
}

static inline struct fate fate_of(const double odds[HARMS], uint64_t seed,
                                  uint32_t conversation, unsigned direction,
                                  uint32_t number)
{
    uint64_t which =
        (uint64_t)conversation << 33 | (uint64_t)direction << 32 | number;
    uint64_t datagram = fate_scramble(seed ^ fate_scramble(which));
    struct fate fate = {.noise = fate_scramble(datagram + HARMS + 1)};

    for (unsigned harm = LOSS; harm <= BITROT; harm++)
        fate.harmed[harm] = fate_dice(datagram, harm) < odds[harm];
    fate.wait =
        (int64_t)(odds[DELAY] + odds[JITTER] * fate_dice(datagram, JITTER));
    fate.copy_waits =
        (int64_t)(odds[DELAY] + odds[JITTER] * fate_dice(datagram, HARMS));
    return fate;
}

// The sum that the UDP checksum is made of: 16-bit words, big-endian, carries
// added at the low end (RFC 1071). Ports and addresses are in the real one,
// too.
static inline uint16_t fate_checksum(const uint8_t *bytes, size_t size)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < size; i++) {
        sum += (uint32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

// Flip one bit. Returns the number of its byte.
static inline size_t fate_flip(uint8_t *bytes, size_t size, uint64_t noise)
{
    size_t bit = (size_t)(noise % (8 * size));

    bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    return bit / 8;
}

// Change two 16-bit words so that their sum stays: swap them, or, where all are
// the same, add one to the first and take one from the second. Sets where[] to
// the numbers of their first bytes; false if there are not two words.
static inline bool fate_rot(uint8_t *bytes, size_t size, uint64_t noise,
                            size_t where[2])
{
    const size_t words = size / 2;
    if (words < 2)
        return false;

    size_t first = (size_t)(noise % words), second = first;
    size_t distance = (size_t)(noise >> 32) % (words - 1);
    for (size_t i = 0; i < words - 1; i++) {
        second = (first + 1 + (distance + i) % (words - 1)) % words;
        if (memcmp(bytes + 2 * first, bytes + 2 * second, 2) != 0)
            break;
    }
    uint8_t *a = bytes + 2 * first, *b = bytes + 2 * second;
    uint32_t x = (uint32_t)(a[0] << 8 | a[1]), y = (uint32_t)(b[0] << 8 | b[1]);

    where[0] = 2 * first;
    where[1] = 2 * second;
    if (x != y) {
        uint32_t was = x;
        x = y;
        y = was;
    } else if (x % 0xffff == 0) { // both are zero to this sum: 1 and -1
        x = 1;
        y = 0xfffe;
    } else {
        x++;
        y--;
    }
    a[0] = (uint8_t)(x >> 8), a[1] = (uint8_t)x;
    b[0] = (uint8_t)(y >> 8), b[1] = (uint8_t)y;
    return true;
}

#endif
