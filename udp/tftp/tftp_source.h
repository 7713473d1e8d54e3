/*
 * udp/tftp/tftp_source.h -- a file, as the bytes that a transfer sends.
 *
 *     octet      the file, from offset on; then with `cksum` the four bytes of
 *                its checksum
 *     netascii   a text: a line ends in CR LF, and a CR alone is CR NUL
 *
 * A file that changes while it is read would arrive as a mixture. That is found
 * out at its end, before the last block is sent: stat(2) has another size or
 * mtime. A program can put the mtime back, but not the ctime; that changes also
 * when the file is renamed or replaced, so then its bytes are compared. What
 * stat cannot see: two writes within one tick of the clock that file times are
 * taken from, 1 to 10 ms, and those through mmap(2) that are not yet written
 * back.
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
#include "tftp_io.h"

struct tftp_source {
    struct tftp_file io; // the first member
    int file;
    bool netascii;
    bool with_cksum;
    bool ended;        // all of the file was read
    int tail;          // bytes of the checksum that were taken: 4 is all
    char next;         // netascii: what follows a CR; the CR has been taken
    bool has_next;     //
    uint64_t sent;     // bytes of the file taken, those before offset too
    struct stat about; // when it was opened
    struct cksum sum;  // of what was read
    size_t at, count;  // of what lies in here
    uint8_t bytes[1 << 18];
};

// Add the bytes of the file from begin to end to sum: fewer if it has fewer. 0;
// -1 and errno.
static inline int tftp_source_sum(struct tftp_source *s, struct cksum *sum,
                                  uint64_t begin, uint64_t end)
{
    while (begin < end) {
        uint64_t left = end - begin;
        ssize_t n =
            pread(s->file, s->bytes,
                  left < sizeof s->bytes ? (size_t)left : sizeof s->bytes,
                  (off_t)begin);
        if (n == -1 && errno == EINTR)
            continue;
        if (n <= 0)
            return (int)n;
        cksum_add(sum, s->bytes, (size_t)n);
        begin += (uint64_t)n;
    }
    return 0;
}

static inline bool tftp_source_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

// At the end: whether what was read is one version of the file.
static inline bool tftp_source_same(struct tftp_source *s)
{
    struct stat now;
    struct cksum sum;

    if (fstat(s->file, &now) == -1 || now.st_size != s->about.st_size ||
        !tftp_source_same_time(now.st_mtim, s->about.st_mtim))
        return false;
    if (tftp_source_same_time(now.st_ctim, s->about.st_ctim))
        return true;
    cksum_start(&sum);
    return tftp_source_sum(s, &sum, 0, (uint64_t)now.st_size) == 0 &&
           cksum_end(&sum) == cksum_end(&s->sum);
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

// Skip the bytes that the peer has, which have this cksum(1). Whether they are
// there, and have it; if not, all is as before.
static inline bool tftp_source_skip(struct tftp_source *s, uint64_t offset,
                                    uint32_t cksum)
{
    if (offset <= (uint64_t)s->about.st_size &&
        tftp_source_sum(s, &s->sum, 0, offset) == 0 &&
        cksum_end(&s->sum) == cksum &&
        lseek(s->file, (off_t)offset, SEEK_SET) != -1) {
        s->sent = offset;
        return true;
    }
    cksum_start(&s->sum);
    return false;
}

// netascii: the next of at most room bytes.
static inline size_t tftp_source_text(struct tftp_source *s, uint8_t *to,
                                      size_t room)
{
    size_t n = 0;

    while (n < room && (s->has_next || s->at < s->count)) {
        if (s->has_next) {
            s->has_next = false;
            to[n++] = (uint8_t)s->next;
            continue;
        }
        uint8_t byte = s->bytes[s->at++];
        s->sent++;
        s->has_next = byte == '\n' || byte == '\r';
        s->next = byte == '\n' ? '\n' : '\0';
        to[n++] = s->has_next ? '\r' : byte;
    }
    return n;
}

// What follows the file: with cksum, its checksum; at most room bytes.
static inline size_t tftp_source_tail(struct tftp_source *s, uint8_t *to,
                                      size_t room)
{
    size_t n = 0;

    while (s->with_cksum && n < room && s->tail < 4)
        to[n++] = (uint8_t)(cksum_end(&s->sum) >> (24 - 8 * s->tail++));
    return n;
}

static inline ssize_t tftp_source_read(struct tftp_file *file, uint8_t *to,
                                       size_t room)
{
    struct tftp_source *s = (struct tftp_source *)file;
    size_t n = 0;

    while (n < room) {
        if (s->at == s->count && !s->has_next && tftp_source_fill(s) == -1)
            return -1;
        if (s->ended && !s->has_next)
            return (ssize_t)(n + tftp_source_tail(s, to + n, room - n));
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

// Begin with an open file of which about speaks.
static inline void tftp_source_start(struct tftp_source *s, int file,
                                     const struct stat *about)
{
    s->io = (struct tftp_file){.read = tftp_source_read};
    s->file = file;
    s->netascii = s->with_cksum = s->ended = s->has_next = false;
    s->tail = 0;
    s->sent = 0;
    s->about = *about;
    s->at = s->count = 0;
    cksum_start(&s->sum);
}

#endif
