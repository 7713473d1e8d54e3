/*
 * udp/tftp/tftp_sink.h -- the bytes that a transfer brings, into a file.
 *
 * The other end of tftp_source.h. What is taken is only noted down, and written
 * in one call by tftp_sink_flush(), before the bytes are given up.
 */
#ifndef UDP_TFTP_TFTP_SINK_H
#define UDP_TFTP_TFTP_SINK_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../../common/cksum.h"
#include "../../common/stream.h"

#define TFTP_PIECES 256

struct tftp_sink {
    int file;
    bool netascii;
    bool was_cr;       // netascii: the last byte was one
    bool with_cksum;   // four bytes follow the file:
    uint8_t tail[4];   // these,
    int tail_count;    // so many of them have come
    uint64_t size;     // and this is where it ends; UINT64_MAX: at the end
    uint64_t received; // bytes of the file, those before offset too
    struct cksum sum;  // of them
    int count;
    struct iovec pieces[TFTP_PIECES];
};

static inline void tftp_sink_start(struct tftp_sink *s, int file)
{
    s->file = file;
    s->netascii = s->was_cr = s->with_cksum = false;
    s->tail_count = 0;
    s->size = UINT64_MAX;
    s->received = 0;
    s->count = 0;
    cksum_start(&s->sum);
}

// Write what was taken. 0; -1 and errno.
static inline int tftp_sink_flush(struct tftp_sink *s)
{
    int count = s->count;
    ssize_t n = 0;

    s->count = 0;
    for (int i = 0; i < count; i++)
        cksum_add(&s->sum, s->pieces[i].iov_base, s->pieces[i].iov_len);
    if (count > 0)
        n = writev(s->file, s->pieces, count);
    if (n == -1 && errno != EINTR)
        return -1;
    // The rest, if that was not all, piece by piece.
    size_t written = n > 0 ? (size_t)n : 0;
    for (int i = 0; i < count; i++) {
        size_t length = s->pieces[i].iov_len;
        size_t done = written < length ? written : length;
        written -= done;
        if (done < length &&
            write_full(s->file, (uint8_t *)s->pieces[i].iov_base + done,
                       length - done) == -1)
            return -1;
    }
    return 0;
}

// A text: turned back in place, as it only gets shorter; but for a CR at the
// end of the piece before, which had to wait for what follows it.
static inline int tftp_sink_text(struct tftp_sink *s, uint8_t *bytes, size_t n)
{
    uint8_t first = '\r';
    size_t length = 0;

    for (size_t i = 0; i < n; i++) {
        uint8_t byte = bytes[i];
        if (s->was_cr && byte != '\n' && byte != '\0' && length == 0 &&
            i == 0) { // not netascii, but what can one do
            cksum_add(&s->sum, &first, 1);
            if (write_full(s->file, &first, 1) == -1)
                return -1;
            s->received++;
        } else if (s->was_cr && byte != '\n' && byte != '\0') {
            bytes[length++] = '\r';
        }
        if (s->was_cr && byte == '\0')
            bytes[length++] = '\r';
        else if (byte != '\r')
            bytes[length++] = byte;
        s->was_cr = byte == '\r';
    }
    cksum_add(&s->sum, bytes, length);
    s->received += length;
    return write_full(s->file, bytes, length);
}

// Take n bytes. 0; -1 and errno: EBADMSG if there are more than there may be.
static inline int tftp_sink_take(struct tftp_sink *s, uint8_t *bytes, size_t n)
{
    if (s->netascii)
        return tftp_sink_text(s, bytes, n);
    if (s->count == TFTP_PIECES && tftp_sink_flush(s) == -1)
        return -1;

    uint64_t left = s->size - s->received;
    size_t length = n < left ? n : (size_t)left;
    if (length > 0)
        s->pieces[s->count++] = (struct iovec){bytes, length};
    s->received += length;
    for (size_t i = length; i < n; i++) {
        if (!s->with_cksum || s->tail_count == 4) {
            errno = EBADMSG;
            return -1;
        }
        s->tail[s->tail_count++] = bytes[i];
    }
    return 0;
}

// All has come, and was flushed. Whether it is the file that was sent.
static inline bool tftp_sink_whole(const struct tftp_sink *s)
{
    uint32_t cksum = (uint32_t)s->tail[0] << 24 | (uint32_t)s->tail[1] << 16 |
                     (uint32_t)s->tail[2] << 8 | s->tail[3];

    if (s->size != UINT64_MAX && s->received != s->size)
        return false;
    return !s->with_cksum ||
           (s->tail_count == 4 && cksum == cksum_end(&s->sum));
}

#endif
