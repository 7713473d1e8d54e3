/*
 * udp/radio_server/track.c -- a file, frame by frame.
 */
#include "track.h"

#include <err.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SEARCH_MAX 65536 // bytes without a frame: there will be none any more

// The bytes to come: TRACK_AHEAD at least, unless the file ends before.
static const uint8_t *bytes_ahead(struct track *t, size_t *there)
{
    while (t->end - t->begin < TRACK_AHEAD) {
        memmove(t->bytes, t->bytes + t->begin, t->end - t->begin);
        t->end -= t->begin;
        t->begin = 0;
        ssize_t n = read(t->fd, t->bytes + t->end, sizeof t->bytes - t->end);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            warn("read"); // the file ends here, for us
            t->failed = true;
        }
        if (n <= 0)
            break;
        t->end += (size_t)n;
    }
    *there = t->end - t->begin;
    return t->bytes + t->begin;
}

// Go on until a frame begins, at one of the next limit bytes, and measure it.
// Sound can look like a header by chance: after a gap, another has to follow.
static bool find_frame(struct track *t, struct mp3_frame *f, int limit)
{
    for (int skipped = 0; skipped < limit; skipped++) {
        struct mp3_frame next;
        size_t there;

        const uint8_t *here = bytes_ahead(t, &there);
        if (there < MP3_HEADER)
            return false;
        if (mp3_frame(here, f) && f->length <= there) {
            const bool last = there == f->length;
            if (t->synced || last ||
                (there >= f->length + MP3_HEADER &&
                 mp3_frame(here + f->length, &next) && next.rate == f->rate)) {
                t->synced = true;
                return true;
            }
        }
        t->synced = false;
        t->begin++;
    }
    return false;
}

// The next frame with sound in it; *f says how long it is.
static bool next_frame(struct track *t, struct mp3_frame *f)
{
    while (find_frame(t, f, SEARCH_MAX)) {
        if (!mp3_is_info_frame(t->bytes + t->begin, f))
            return true;
        t->begin += f->length;
    }
    return false;
}

// Tags at the beginning, and the zeros that may follow them.
static void skip_tags(struct track *t)
{
    size_t there, length;
    const uint8_t *here = bytes_ahead(t, &there);

    while (there >= ID3_HEADER && (length = id3_length(here)) > 0) {
        if (length <= there)
            t->begin += length;
        else if (lseek(t->fd, (off_t)(length - there), SEEK_CUR) == -1)
            return;
        else
            t->begin = t->end;
        here = bytes_ahead(t, &there);
    }
    while (there > 0 && *here == 0) {
        t->begin++;
        here = bytes_ahead(t, &there);
    }
}

bool track_open(struct track *t, int fd, long bits)
{
    struct mp3_frame f;

    *t = (struct track){.fd = fd, .bits = bits};
    skip_tags(t);
    t->mp3 = find_frame(t, &f, 1);
    if (t->mp3)
        return true;
    *t = (struct track){.fd = fd, .bits = bits, .failed = t->failed};
    return bits > 0 && lseek(fd, 0, SEEK_SET) == 0;
}

static void copy_bytes(struct track *t, uint8_t *to, struct piece *p,
                       size_t length)
{
    memcpy(to + p->length, t->bytes + t->begin, length);
    t->begin += length;
    p->length = (uint16_t)(p->length + length);
}

static bool next_frames(struct track *t, uint8_t *to, struct piece *p)
{
    struct mp3_frame f;

    bool more = next_frame(t, &f);
    p->start = more;
    if (more && f.length > RADIO_BYTES_MAX) { // alone it is too long already
        p->duration_ns = mp3_duration_ns(&f);
        t->remainder = f.length - RADIO_BYTES_MAX;
        copy_bytes(t, to, p, RADIO_BYTES_MAX);
        return true;
    }
    while (more && p->length + f.length <= RADIO_BYTES_MAX) {
        p->duration_ns += mp3_duration_ns(&f);
        copy_bytes(t, to, p, f.length);
        more = next_frame(t, &f);
    }
    return p->start;
}

bool track_next(struct track *t, uint8_t to[RADIO_BYTES_MAX], struct piece *p)
{
    size_t there;

    *p = (struct piece){0};
    if (t->remainder > 0) {
        copy_bytes(t, to, p, t->remainder);
        t->remainder = 0;
        return true;
    }
    if (t->mp3)
        return next_frames(t, to, p);
    bytes_ahead(t, &there);
    copy_bytes(t, to, p, there < RADIO_BYTES_MAX ? there : RADIO_BYTES_MAX);
    p->duration_ns = p->length * INT64_C(8000000000) / t->bits;
    p->start = true;
    return p->length > 0;
}
