/*
 * common/mp3.h -- where a frame of MP3 ends, and how long it plays.
 *
 * An MP3 file is a row of frames; each begins with these 32 bits and can be
 * found and measured without decoding a sound:
 *
 *      1 1 1 1 1 1 1 1 1 1 1 v v 0 1 c b b b b r r p x m m x x x x x x
 *      sync                  |   |   | |       |   |   |
 *      version: 3 MPEG-1, ---'   |   | |       |   |   '- mode: 3 is mono
 *        2 MPEG-2, 0 MPEG-2.5    |   | |       |   '- padding: a byte more
 *      layer III ----------------'   | |       '- sample rate, by version
 *      0: two bytes of CRC follow ---' '- bit rate, by version
 *
 * Around the frames there may be tags, for people. Pure. ISO/IEC 11172-3 and
 * 13818-3; the tags: id3.org.
 */
#ifndef COMMON_MP3_H
#define COMMON_MP3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MP3_HEADER 4
#define MP3_FRAME_MAX 1441 // 320 kbit/s at 32 kHz, with padding
#define ID3_HEADER 10

struct mp3_frame {
    size_t length;    // in bytes, with the header
    uint32_t rate;    // samples a second
    uint32_t samples; // in this frame
    size_t tag_at;    // where a tag about the file would be
};

// Whether a frame begins with these four bytes. A frame without a stated bit
// rate ("free format") has no length that could be seen, and is none here.
static inline bool mp3_frame(const uint8_t bytes[MP3_HEADER],
                             struct mp3_frame *f)
{
    static const uint16_t kbits[2][16] = {
        {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
        {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
    };
    static const uint16_t hertz[4] = {44100, 48000, 32000};
    const unsigned version = bytes[1] >> 3 & 3, rate = bytes[2] >> 2 & 3;
    const bool first = version == 3, mono = bytes[3] >> 6 == 3;

    if (bytes[0] != 0xff || bytes[1] >> 5 != 7 || version == 1 ||
        (bytes[1] >> 1 & 3) != 1 || rate == 3)
        return false;
    const uint32_t bits = kbits[first][bytes[2] >> 4] * 1000U;
    if (bits == 0)
        return false;
    f->rate = (uint32_t)hertz[rate] >> (first ? 0 : version == 2 ? 1 : 2);
    f->samples = first ? 1152 : 576;
    f->length = f->samples / 8 * bits / f->rate + (bytes[2] >> 1 & 1);
    f->tag_at = MP3_HEADER + ((bytes[1] & 1) == 0 ? 2U : 0U) +
                (first ? (mono ? 17U : 32U) : (mono ? 9U : 17U));
    return true;
}

// How long the frame plays, in nanoseconds.
static inline int64_t mp3_duration_ns(const struct mp3_frame *f)
{
    return f->samples * INT64_C(1000000000) / f->rate;
}

// Whether this whole frame is silent, and only says how long the file is.
static inline bool mp3_is_info_frame(const uint8_t *bytes,
                                     const struct mp3_frame *f)
{
    const size_t vbri = MP3_HEADER + 32;

    return (f->length >= f->tag_at + 4 &&
            (memcmp(bytes + f->tag_at, "Xing", 4) == 0 ||
             memcmp(bytes + f->tag_at, "Info", 4) == 0)) ||
           (f->length >= vbri + 4 && memcmp(bytes + vbri, "VBRI", 4) == 0);
}

// How many bytes a tag that begins with these has in all, which may be more
// than the file has; 0 if it is no tag.
static inline size_t id3_length(const uint8_t bytes[ID3_HEADER])
{
    if (memcmp(bytes, "ID3", 3) != 0 ||
        ((bytes[6] | bytes[7] | bytes[8] | bytes[9]) & 0x80) != 0)
        return 0;
    const size_t length = (size_t)bytes[6] << 21 | (size_t)bytes[7] << 14 |
                          (size_t)bytes[8] << 7 | bytes[9];
    const bool footer = (bytes[5] & 0x10) != 0;
    return ID3_HEADER + length + (footer ? ID3_HEADER : 0);
}

#endif
