/*
 * udp/tftp/tftp_source.h -- a file, as the bytes that a transfer sends.
 *
 *     octet      the file, from offset on; then with `cksum` the four bytes of
 *                its checksum
 *     netascii   a text: a line ends in CR LF, and a CR alone is CR NUL
 *
 * A file that changes while it is read would arrive as a mixture: that is found
 * out at its end, before the last block is sent.
 */
#ifndef UDP_TFTP_TFTP_SOURCE_H
#define UDP_TFTP_TFTP_SOURCE_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../common/cksum.h"

struct tftp_source {
    int file;
    bool netascii;
    bool with_cksum;
    bool ended;        // all of the file was read
    int tail;          // bytes of the checksum that were taken: 4 is all
    char held;         // netascii: what follows a CR; the CR has been taken
    bool is_held;      //
    uint64_t sent;     // bytes of the file taken, those before offset too
    struct stat about; // when it was opened
    struct cksum sum;  // of what was read
    size_t at, count;  // of what lies in here
    uint8_t bytes[1 << 18];
};

// Begin with an open file of which about speaks.
static inline void tftp_source_start(struct tftp_source *s, int file,
                                     const struct stat *about)
{
    s->file = file;
    s->netascii = s->with_cksum = s->ended = s->is_held = false;
    s->tail = 0;
    s->sent = 0;
    s->about = *about;
    s->at = s->count = 0;
    cksum_start(&s->sum);
}

// Whether it is still the file that was opened.
static inline bool tftp_source_same(const struct tftp_source *s)
{
    struct stat now;

    return fstat(s->file, &now) == 0 && now.st_size == s->about.st_size &&
           now.st_mtim.tv_sec == s->about.st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == s->about.st_mtim.tv_nsec;
}

// Read on. 0, at the end of file too; -1 and errno: ESTALE if it has changed.
static inline int tftp_source_fill(struct tftp_source *s)
{
    if (s->ended)
        return 0;

    ssize_t n;
    do
        n = read(s->file, s->bytes, sizeof s->bytes);
    while (n == -1 && errno == EINTR);
    if (n == -1)
        return -1;
    s->at = 0;
    s->count = (size_t)n;
    cksum_add(&s->sum, s->bytes, (size_t)n);
    s->ended = n == 0;
    if (s->ended && !tftp_source_same(s)) {
        errno = ESTALE;
        return -1;
    }
    return 0;
}

// Skip the bytes that the other end has, which have this cksum(1). Whether they
// are there, and have it; if not, all is as before.
static inline bool tftp_source_skip(struct tftp_source *s, uint64_t offset,
                                    uint32_t cksum)
{
    uint64_t left = offset;

    if (offset > (uint64_t)s->about.st_size)
        return false;
    while (left > 0) {
        size_t most = left < sizeof s->bytes ? (size_t)left : sizeof s->bytes;
        ssize_t n = read(s->file, s->bytes, most);
        if (n == -1 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        cksum_add(&s->sum, s->bytes, (size_t)n);
        left -= (uint64_t)n;
    }
    s->sent = offset;
    if (left == 0 && cksum_end(&s->sum) == cksum)
        return true;
    s->sent = 0;
    cksum_start(&s->sum);
    if (lseek(s->file, 0, SEEK_SET) == -1)
        s->ended = true; // then nothing follows, and that is noticed
    return false;
}

// netascii: the next of at most room bytes.
static inline size_t tftp_source_text(struct tftp_source *s, uint8_t *to,
                                      size_t room)
{
    size_t n = 0;

    while (n < room && (s->is_held || s->at < s->count)) {
        if (s->is_held) {
            s->is_held = false;
            to[n++] = (uint8_t)s->held;
            continue;
        }
        uint8_t byte = s->bytes[s->at++];
        s->sent++;
        s->is_held = byte == '\n' || byte == '\r';
        s->held = byte == '\n' ? '\n' : '\0';
        to[n++] = s->is_held ? '\r' : byte;
    }
    return n;
}

// Take the next room bytes into to; less only at the end. -1 and errno.
static inline ssize_t tftp_source_take(struct tftp_source *s, uint8_t *to,
                                       size_t room)
{
    size_t n = 0;

    while (n < room) {
        if (s->at == s->count && !s->is_held && tftp_source_fill(s) == -1)
            return -1;
        if (s->ended && !s->is_held) {
            while (s->with_cksum && n < room && s->tail < 4)
                to[n++] = (uint8_t)(cksum_end(&s->sum) >> (24 - 8 * s->tail++));
            break;
        }
        if (s->netascii) {
            n += tftp_source_text(s, to + n, room - n);
            continue;
        }
        size_t some = s->count - s->at < room - n ? s->count - s->at : room - n;
        memcpy(to + n, s->bytes + s->at, some);
        s->at += some;
        s->sent += some;
        n += some;
    }
    return (ssize_t)n;
}

#endif
