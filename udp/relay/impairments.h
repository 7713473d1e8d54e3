/*
 * udp/relay/impairments.h -- what a bad network does to a datagram.
 *
 * Pure: the same seed, session, direction and number are impaired in the same
 * way in every run. Each kind has a random draw of its own, so another
 * probability for one of them changes nothing about the others.
 */
#ifndef UDP_RELAY_IMPAIRMENTS_H
#define UDP_RELAY_IMPAIRMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum impairment {
    LOSS,       // probabilities, from 0 to 1
    DUPLICATE,  // a copy follows
    REORDER,    // the next one overtakes it
    CORRUPT,    // a bit flips
    UNDETECTED, // bytes change, and the checksum stays the same
    DELAY,      // microseconds: each waits as long,
    JITTER,     // and up to as long again
    IMPAIRMENTS,
};

// What is drawn for one datagram.
struct impaired {
    bool by[UNDETECTED + 1];
    int64_t delay_us, copy_delay_us;
    uint64_t noise; // says which bit, or which bytes
};

struct impaired impairments_draw(const double probability[IMPAIRMENTS],
                                 uint64_t seed, uint32_t session,
                                 unsigned direction, uint32_t number);

// 64 bits that look random, from 64 that need not: splitmix64.
uint64_t impairments_hash(uint64_t n);

// The sum that the UDP checksum is made of: 16-bit words, big-endian, carries
// added at the low end (RFC 1071). Ports and addresses are in the real one,
// too.
uint16_t internet_sum(const uint8_t *bytes, size_t size);

// Flip one bit. Returns the number of its byte.
size_t flip_bit(uint8_t *bytes, size_t size, uint64_t noise);

// Change two 16-bit words so that their sum stays: swap them, or, where all are
// the same, add one to the first and take one from the second. Sets where[] to
// the numbers of their first bytes; false if there are not two words.
bool change_two_words(uint8_t *bytes, size_t size, uint64_t noise,
                      size_t where[2]);

#endif
