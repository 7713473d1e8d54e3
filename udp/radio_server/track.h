/*
 * udp/radio_server/track.h -- a file, in pieces that fit a packet.
 *
 * Of an MP3 each piece is as many whole frames as there is room for: what is
 * lost with a packet is then a few frames, and never half of one. Tags are left
 * out; they tell about a file, and listeners have none. Any other file is cut
 * into equal pieces, and played at a rate that somebody has to say.
 */
#ifndef RADIO_SERVER_TRACK_H
#define RADIO_SERVER_TRACK_H

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "../../common/mp3.h"
#include "../../common/radio.h"

#define TRACK_AHEAD (2 * MP3_FRAME_MAX + MP3_HEADER) // to see the next header
#define TRACK_NOISE 65536 // bytes without a frame: there will be none any more

struct track {
    int fd; // -1: none
    bool mp3;
    bool in_step; // the last frame ended where we are
    long bits;    // a second, if it is no MP3
    size_t rest;  // of a frame that did not fit the last piece
    size_t begin, end;
    uint8_t bytes[4 * TRACK_AHEAD]; // those from begin to end are not read yet
};

struct piece {
    uint16_t length;
    bool start;    // a decoder can start here
    int64_t lasts; // in nanoseconds
};

// The bytes to come: TRACK_AHEAD at least, unless the file ends before.
static inline const uint8_t *track_look(struct track *t, size_t *there)
{
    while (t->end - t->begin < TRACK_AHEAD) {
        memmove(t->bytes, t->bytes + t->begin, t->end - t->begin);
        t->end -= t->begin;
        t->begin = 0;
        ssize_t n = read(t->fd, t->bytes + t->end, sizeof t->bytes - t->end);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            warn("read"); // the file ends here, for us
        if (n <= 0)
            break;
        t->end += (size_t)n;
    }
    *there = t->end - t->begin;
    return t->bytes + t->begin;
}

// Go on until a frame begins, at one of the next limit bytes, and measure it.
// Sound can look like a header by chance: after a gap, another has to follow.
static inline bool track_find(struct track *t, struct mp3_frame *f, int limit)
{
    for (int skipped = 0; skipped < limit; skipped++) {
        struct mp3_frame next;
        size_t there;

        const uint8_t *here = track_look(t, &there);
        if (there < MP3_HEADER)
            return false;
        if (mp3_frame(here, f) && f->length <= there) {
            const bool last = there == f->length;
            if (t->in_step || last ||
                (there >= f->length + MP3_HEADER &&
                 mp3_frame(here + f->length, &next) && next.rate == f->rate)) {
                t->in_step = true;
                return true;
            }
        }
        t->in_step = false;
        t->begin++;
    }
    return false;
}

// The next frame with sound in it; *f says how long it is.
static inline bool track_frame(struct track *t, struct mp3_frame *f)
{
    while (track_find(t, f, TRACK_NOISE)) {
        if (!mp3_is_about(t->bytes + t->begin, f))
            return true;
        t->begin += f->length;
    }
    return false;
}

// Tags at the beginning, and the zeros that may follow them.
static inline void track_skip_tags(struct track *t)
{
    size_t there, length;
    const uint8_t *here = track_look(t, &there);

    while (there >= ID3_HEADER && (length = id3_length(here)) > 0) {
        if (length <= there)
            t->begin += length;
        else if (lseek(t->fd, (off_t)(length - there), SEEK_CUR) == -1)
            return;
        else
            t->begin = t->end;
        here = track_look(t, &there);
    }
    while (there > 0 && *here == 0) {
        t->begin++;
        here = track_look(t, &there);
    }
}

// Begin with a file that is open. If it is no MP3 it has so many bits a second;
// false if nobody has said so: 0.
static inline bool track_open(struct track *t, int fd, long bits)
{
    struct mp3_frame f;

    *t = (struct track){.fd = fd, .bits = bits};
    track_skip_tags(t);
    t->mp3 = track_find(t, &f, 1);
    if (t->mp3)
        return true;
    *t = (struct track){.fd = fd, .bits = bits};
    return bits > 0 && lseek(fd, 0, SEEK_SET) == 0;
}

static inline void track_copy(struct track *t, uint8_t *to, struct piece *p,
                              size_t length)
{
    memcpy(to + p->length, t->bytes + t->begin, length);
    t->begin += length;
    p->length = (uint16_t)(p->length + length);
}

static inline bool track_next_frames(struct track *t, uint8_t *to,
                                     struct piece *p)
{
    struct mp3_frame f;

    bool more = track_frame(t, &f);
    p->start = more;
    if (more && f.length > RADIO_BYTES_MAX) { // alone it is too long already
        p->lasts = mp3_lasts(&f);
        t->rest = f.length - RADIO_BYTES_MAX;
        track_copy(t, to, p, RADIO_BYTES_MAX);
        return true;
    }
    while (more && p->length + f.length <= RADIO_BYTES_MAX) {
        p->lasts += mp3_lasts(&f);
        track_copy(t, to, p, f.length);
        more = track_frame(t, &f);
    }
    return p->start;
}

// Put the next piece there. False at the end.
static inline bool track_next(struct track *t, uint8_t to[RADIO_BYTES_MAX],
                              struct piece *p)
{
    size_t there;

    *p = (struct piece){0};
    if (t->rest > 0) {
        track_copy(t, to, p, t->rest);
        t->rest = 0;
        return true;
    }
    if (t->mp3)
        return track_next_frames(t, to, p);
    track_look(t, &there);
    track_copy(t, to, p, there < RADIO_BYTES_MAX ? there : RADIO_BYTES_MAX);
    p->lasts = p->length * INT64_C(8000000000) / t->bits;
    p->start = true;
    return p->length > 0;
}

#endif
