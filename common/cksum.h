/*
 * common/cksum.h -- the checksum that cksum(1) prints.
 *
 *     struct cksum sum;
 *     cksum_start(&sum);
 *     cksum_add(&sum, bytes, n);  // as often as there are bytes
 *     cksum_end(&sum);            // of all so far; more may be added
 *
 * It is a remainder. Read the bytes, highest bit first, as one long polynomial
 * over {0, 1}, where + is exclusive or; divide by the generator P of degree 32.
 * What is left of (message * x^32) is the CRC. POSIX then appends the length,
 * lowest byte first, without leading zeros, and inverts.
 *
 * A bit at a time, as POSIX writes it, that is slower than a disk. Portably it
 * goes eight bytes at a time, by tables (slicing by 8, Kounavis and Berry
 * 2005); where x86 has carry-less multiplication, 64 at a time, six times as
 * fast.
 *
 * Source: POSIX.1-2017, cksum, "extended description".
 */
#ifndef COMMON_CKSUM_H
#define COMMON_CKSUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __x86_64__ // not <immintrin.h>, which has twenty times as many lines
#include <tmmintrin.h>
#include <wmmintrin.h>
#endif

#define CKSUM_GENERATOR UINT32_C(0x04c11db7) // P without its x^32

struct cksum {
    uint32_t crc;                 // of the bytes so far
    uint64_t length;              // their number
    uint32_t table[8][256];       // [k][b]: CRC of the byte b and k zero bytes
    uint32_t fold_high, fold_low; // x^(512 + 64) and x^512, both modulo P
};

// One more zero bit: times x, modulo P.
static inline uint32_t cksum_times_x(uint32_t crc)
{
    return crc << 1 ^ (crc >> 31 ? CKSUM_GENERATOR : 0);
}

static inline void cksum_start(struct cksum *sum)
{
    sum->crc = 0;
    sum->length = 0;

    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = cksum_times_x(crc);
        sum->table[0][b] = crc;
    }
    for (int k = 1; k < 8; k++) // one more zero byte, by the first table
        for (int b = 0; b < 256; b++) {
            uint32_t crc = sum->table[k - 1][b];
            sum->table[k][b] = crc << 8 ^ sum->table[0][crc >> 24];
        }

    uint32_t power = 1;
    for (int n = 0; n < 512; n++)
        power = cksum_times_x(power);
    sum->fold_low = power;
    for (int n = 0; n < 64; n++)
        power = cksum_times_x(power);
    sum->fold_high = power;
}

// The CRC of what had this one, and n bytes more.
static inline uint32_t cksum_by_table(const struct cksum *sum, uint32_t crc,
                                      const uint8_t *b, size_t n)
{
    const uint32_t(*t)[256] = sum->table;

    for (; n >= 8; b += 8, n -= 8) {
        // Bytes, not words: the same on a machine of either byte order.
        crc ^= (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
               (uint32_t)b[2] << 8 | b[3];
        crc = t[7][crc >> 24] ^ t[6][crc >> 16 & 0xff] ^ t[5][crc >> 8 & 0xff] ^
              t[4][crc & 0xff] ^ t[3][b[4]] ^ t[2][b[5]] ^ t[1][b[6]] ^
              t[0][b[7]];
    }
    for (; n > 0; b++, n--)
        crc = crc << 8 ^ t[0][crc >> 24 ^ *b];
    return crc;
}

#ifdef __x86_64__
// The same for n >= 64, a multiple of 64. The last 64 bytes seen are four
// polynomials of 128 bits. Those are moved 512 bits up, onto the next 64 bytes:
// h * x^64 + l times x^512 has the remainder of h * fold_high + l * fold_low,
// and that fits into 128 bits again. What is left in the end goes by table.
__attribute__((target("pclmul,ssse3"))) static inline uint32_t
cksum_by_multiplying(const struct cksum *sum, const uint8_t *b, size_t n)
{
    const __m128i fold = _mm_set_epi64x(sum->fold_high, sum->fold_low);
    const __m128i first_byte_highest =
        _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m128i part[4] = {_mm_set_epi32((int)sum->crc, 0, 0, 0)};
    uint8_t rest[64];

    for (size_t at = 0; at < n; at += 64)
        for (int k = 0; k < 4; k++) {
            __m128i next = _mm_loadu_si128((const __m128i *)(b + at) + k);
            next = _mm_shuffle_epi8(next, first_byte_highest);
            if (at > 0)
                part[k] = _mm_xor_si128(
                    _mm_clmulepi64_si128(part[k], fold, 0x11),  // high halves
                    _mm_clmulepi64_si128(part[k], fold, 0x00)); // low halves
            part[k] = _mm_xor_si128(part[k], next);
        }
    for (int k = 0; k < 4; k++)
        _mm_storeu_si128((__m128i *)rest + k,
                         _mm_shuffle_epi8(part[k], first_byte_highest));
    return cksum_by_table(sum, 0, rest, sizeof rest);
}
#endif

static inline void cksum_add(struct cksum *sum, const void *bytes, size_t n)
{
    const uint8_t *b = bytes;

    sum->length += n;
#ifdef __x86_64__
    if (n >= 128 && __builtin_cpu_supports("pclmul") &&
        __builtin_cpu_supports("ssse3")) {
        sum->crc = cksum_by_multiplying(sum, b, n & ~(size_t)63);
        b += n & ~(size_t)63;
        n &= 63;
    }
#endif
    sum->crc = cksum_by_table(sum, sum->crc, b, n);
}

// The checksum of all bytes added so far.
static inline uint32_t cksum_end(const struct cksum *sum)
{
    uint32_t crc = sum->crc;

    for (uint64_t length = sum->length; length > 0; length >>= 8) {
        uint8_t lowest = (uint8_t)length;
        crc = cksum_by_table(sum, crc, &lowest, 1);
    }
    return ~crc;
}

#endif
