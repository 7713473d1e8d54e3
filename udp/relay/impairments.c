/*
 * udp/relay/impairments.c -- draw what happens to a datagram, and corrupt it.
 */
#include "impairments.h"

uint64_t impairments_hash(uint64_t n)
{
    n += UINT64_C(0x9e3779b97f4a7c15);
    n = (n ^ (n >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    n = (n ^ (n >> 27)) * UINT64_C(0x94d049bb133111eb);
    return n ^ (n >> 31);
}

// The random number for one question about one datagram: from 0 to just below
// 1.
static double draw(uint64_t datagram, unsigned question)
{
    return (double)(impairments_hash(datagram + question) >> 11) * 0x1p-53;
}

struct impaired impairments_draw(const double probability[IMPAIRMENTS],
                                 uint64_t seed, uint32_t session,
                                 unsigned direction, uint32_t number)
{
    uint64_t which =
        (uint64_t)session << 33 | (uint64_t)direction << 32 | number;
    uint64_t datagram = impairments_hash(seed ^ impairments_hash(which));
    struct impaired result = {.noise =
                                  impairments_hash(datagram + IMPAIRMENTS + 1)};

    for (unsigned kind = LOSS; kind <= UNDETECTED; kind++)
        result.by[kind] = draw(datagram, kind) < probability[kind];
    result.delay_us = (int64_t)(probability[DELAY] +
                                probability[JITTER] * draw(datagram, JITTER));
    result.copy_delay_us =
        (int64_t)(probability[DELAY] +
                  probability[JITTER] * draw(datagram, IMPAIRMENTS));
    return result;
}

uint16_t internet_sum(const uint8_t *bytes, size_t size)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < size; i++) {
        sum += (uint32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

size_t flip_bit(uint8_t *bytes, size_t size, uint64_t noise)
{
    size_t bit = (size_t)(noise % (8 * size));

    bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    return bit / 8;
}

static uint32_t word_at(const uint8_t *bytes)
{
    return (uint32_t)(bytes[0] << 8 | bytes[1]);
}

static void set_word(uint8_t *bytes, uint32_t word)
{
    bytes[0] = (uint8_t)(word >> 8);
    bytes[1] = (uint8_t)word;
}

bool change_two_words(uint8_t *bytes, size_t size, uint64_t noise,
                      size_t where[2])
{
    const size_t words = size / 2;
    if (words < 2)
        return false;

    size_t first = (size_t)(noise % words), second = first;
    size_t distance = (size_t)(noise >> 32) % (words - 1);
    for (size_t i = 0; i < words - 1; i++) {
        second = (first + 1 + (distance + i) % (words - 1)) % words;
        if (word_at(bytes + 2 * first) != word_at(bytes + 2 * second))
            break;
    }
    where[0] = 2 * first;
    where[1] = 2 * second;
    const uint32_t x = word_at(bytes + where[0]);
    const uint32_t y = word_at(bytes + where[1]);

    if (x != y) {
        set_word(bytes + where[0], y);
        set_word(bytes + where[1], x);
    } else if (x % 0xffff == 0) { // both are zero to this sum: 1 and -1
        set_word(bytes + where[0], 1);
        set_word(bytes + where[1], 0xfffe);
    } else {
        set_word(bytes + where[0], x + 1);
        set_word(bytes + where[1], y - 1);
    }
    return true;
}
