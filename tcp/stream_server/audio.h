/*
 * tcp/stream_server/audio.h -- where the sound in a file begins, and how many
 *                              bits a second of it takes.
 *
 * WAV and FLAC say so at their beginning, or as good as. An MP3 file does not:
 * it is a row of frames, which may differ, and here their mean is taken. What
 * stands before the sound, a title and a picture of the album, plays no time.
 *
 *     WAV   "RIFF" size "WAVE"   then chunks: name, size, bytes; in "fmt ":
 *           format 2, channels 2, samples a second 4, BYTES A SECOND 4, ...
 *           the sound is in "data"; all low byte first
 *     FLAC  "fLaC", then blocks: last 1 bit, kind 7 bits, size 3, bytes; in the
 *           first, 18 bytes after the beginning of the file,
 *           SAMPLES A SECOND 20 bits, channels 3, bits 5, SAMPLES 36 bits
 *           high byte first; RFC 9639, section 8
 *
 * Define _GNU_SOURCE before the first #include.
 */
#ifndef TCP_STREAM_SERVER_AUDIO_H
#define TCP_STREAM_SERVER_AUDIO_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "../../common/mp3.h"

#define BLOCKS_MAX 1000  // of metadata
#define AUDIO_LOOK 65536 // bytes in which a first frame must be found

struct audio {
    int64_t rate; // in bits a second; 0: it cannot be told
    off_t start;  // of the sound
};

static inline uint32_t audio_low_first(const uint8_t *b)
{
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 |
           b[0];
}

static inline struct audio audio_wav(int file)
{
    struct audio a = {0};
    uint8_t chunk[8], format[16];
    off_t at = 12;

    for (int n = 0; n < BLOCKS_MAX && pread(file, chunk, 8, at) == 8; n++) {
        if (memcmp(chunk, "fmt ", 4) == 0 &&
            pread(file, format, 16, at + 8) == 16)
            a.rate = (int64_t)audio_low_first(format + 8) * 8;
        if (memcmp(chunk, "data", 4) == 0) {
            a.start = at + 8;
            break;
        }
        uint32_t size = audio_low_first(chunk + 4);
        at += (off_t)(UINT64_C(8) + size + (size & 1));
    }
    return a;
}

static inline struct audio audio_flac(int file, off_t size)
{
    struct audio a = {.start = 4};
    uint8_t b[8];

    for (int n = 0; n < BLOCKS_MAX && pread(file, b, 4, a.start) == 4; n++) {
        a.start += 4 + (b[1] << 16 | b[2] << 8 | b[3]);
        if (b[0] >> 7 == 1) // the last block
            break;
    }
    if (a.start > size || pread(file, b, 8, 18) != 8)
        return (struct audio){0};
    int64_t hertz = b[0] << 12 | b[1] << 4 | b[2] >> 4;
    int64_t samples = (int64_t)(b[3] & 15) << 32 | (int64_t)b[4] << 24 |
                      b[5] << 16 | b[6] << 8 | b[7];
    if (samples > 0) // 0: it was not known when the file was written
        a.rate = (int64_t)((double)(size - a.start) * 8 * (double)hertz /
                           (double)samples);
    return a;
}

// A frame is believed if another one follows it, or the end of the file.
static inline bool audio_frame(int file, off_t size, off_t at,
                               struct mp3_frame *f)
{
    uint8_t b[MP3_HEADER];
    struct mp3_frame next;

    if (pread(file, b, sizeof b, at) != sizeof b || !mp3_frame(b, f))
        return false;
    off_t end = at + (off_t)f->length;
    return end == size ||
           (pread(file, b, sizeof b, end) == sizeof b && mp3_frame(b, &next));
}

static inline struct audio audio_mp3(int file, off_t size)
{
    uint8_t tag[ID3_HEADER];
    struct mp3_frame f;
    int64_t bytes = 0, duration_ns = 0;
    off_t at = 0;

    if (pread(file, tag, sizeof tag, 0) == sizeof tag)
        at = (off_t)id3_length(tag);
    for (off_t last = at + AUDIO_LOOK; at < last && at < size; at++)
        if (audio_frame(file, size, at, &f))
            break;
    struct audio a = {.start = at};
    while (audio_frame(file, size, at, &f)) {
        bytes += (int64_t)f.length;
        duration_ns += mp3_duration_ns(&f);
        at += (off_t)f.length;
    }
    if (duration_ns == 0)
        return (struct audio){0};
    a.rate = (int64_t)((double)bytes * 8 * 1e9 / (double)duration_ns);
    return a;
}

// What an open file of that size says of itself. It is not checked: the rate
// may be any number up to 2^53.
static inline struct audio audio_of(int file, off_t size)
{
    uint8_t b[12] = {0};

    if (pread(file, b, sizeof b, 0) == -1)
        return (struct audio){0};
    if (memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WAVE", 4) == 0)
        return audio_wav(file);
    if (memcmp(b, "fLaC", 4) == 0)
        return audio_flac(file, size);
    return audio_mp3(file, size);
}

#endif
