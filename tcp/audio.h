/*
 * tcp/audio.h -- how many bits a second of sound takes in a file.
 *
 * WAV and FLAC say so at their beginning, or as good as. An MP3 file does not:
 * it is a row of frames, which may differ, and here their mean is taken.
 *
 *     WAV   "RIFF" size "WAVE"   then chunks: name, size, bytes; in "fmt ":
 *           format 2, channels 2, samples a second 4, BYTES A SECOND 4, ...
 *           all low byte first
 *     FLAC  "fLaC", block: 0, size 3, ... and 18 bytes after the beginning
 *           SAMPLES A SECOND 20 bits, channels 3, bits 5, SAMPLES 36 bits
 *           high byte first; RFC 9639, section 8.2
 *
 * Define _GNU_SOURCE before the first #include.
 */
#ifndef TCP_AUDIO_H
#define TCP_AUDIO_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "../common/mp3.h"

#define AUDIO_LOOK 65536 // bytes in which a first frame must be found

static inline uint32_t audio_low_first(const uint8_t *b)
{
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 |
           b[0];
}

static inline int64_t audio_wav_rate(int file)
{
    uint8_t b[16]; // of a chunk: name, size, and the first 8 bytes

    for (off_t at = 12; pread(file, b, 8, at) == 8;) {
        if (memcmp(b, "fmt ", 4) == 0)
            return pread(file, b, 16, at + 8) == 16
                       ? (int64_t)audio_low_first(b + 8) * 8
                       : 0;
        uint32_t size = audio_low_first(b + 4);
        at += 8 + (off_t)size + (size & 1);
    }
    return 0;
}

static inline int64_t audio_flac_rate(int file, off_t size)
{
    uint8_t b[8];

    if (pread(file, b, 8, 18) != 8)
        return 0;
    int64_t hertz = b[0] << 12 | b[1] << 4 | b[2] >> 4;
    int64_t samples = (int64_t)(b[3] & 15) << 32 | (int64_t)b[4] << 24 |
                      b[5] << 16 | b[6] << 8 | b[7];
    if (samples == 0) // it was not known when the file was written
        return 0;
    return (int64_t)((double)size * 8 * (double)hertz / (double)samples);
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

static inline int64_t audio_mp3_rate(int file, off_t size)
{
    uint8_t tag[ID3_HEADER];
    struct mp3_frame f;
    int64_t bytes = 0, lasts = 0;
    off_t at = 0;

    if (pread(file, tag, sizeof tag, 0) == sizeof tag)
        at = (off_t)id3_length(tag);
    for (off_t last = at + AUDIO_LOOK; at < last && at < size; at++)
        if (audio_frame(file, size, at, &f))
            break;
    while (audio_frame(file, size, at, &f)) {
        bytes += (int64_t)f.length;
        lasts += mp3_duration_ns(&f);
        at += (off_t)f.length;
    }
    return lasts == 0 ? 0 : (int64_t)((double)bytes * 8 * 1e9 / (double)lasts);
}

// The bit rate of an open file of that size, in bits a second; 0 if it cannot
// be told. What the file says is not checked: it may be any number up to 2^53.
static inline int64_t audio_rate(int file, off_t size)
{
    uint8_t b[12] = {0};

    if (pread(file, b, sizeof b, 0) == -1)
        return 0;
    if (memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WAVE", 4) == 0)
        return audio_wav_rate(file);
    if (memcmp(b, "fLaC", 4) == 0)
        return audio_flac_rate(file, size);
    return audio_mp3_rate(file, size);
}

#endif
