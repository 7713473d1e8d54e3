/*
 * udp/tftp/tftp_sink.h -- the bytes that a transfer brings, into a file.
 *
 * The other end of tftp_source.h. What is taken is only noted down, and written
 * in one call by tftp_sink_flush(), before the bytes are given up.
 */
#ifndef UDP_TFTP_TFTP_SINK_H
#define UDP_TFTP_TFTP_SINK_H

#include <sys/uio.h>
#include <unistd.h>

#include "../../common/cksum.h"
#include "../../common/stream.h"
#include "tftp_io.h"

#define TFTP_PIECES 256

struct tftp_sink {
    struct tftp_file io; // the first member
    int file;
    bool netascii;
    bool was_cr;       // netascii: the last byte was one
    bool with_cksum;   // four bytes follow the file:
    uint8_t tail[4];   // these,
    int tail_count;    // of which that many have come
    uint64_t size;     // where the file ends; UINT64_MAX: at the end
    uint64_t received; // bytes of the file, those before offset too
    struct cksum sum;  // of them
    int count;
    struct iovec pieces[TFTP_PIECES];
};

static inline int tftp_sink_flush(struct tftp_file *file)
{
    struct tftp_sink *s = (struct tftp_sink *)file;
    struct iovec *piece = s->pieces;
    int count = s->count;

    s->count = 0;
    for (int i = 0; i < count; i++)
        cksum_add(&s->sum, piece[i].iov_base, piece[i].iov_len);
    return writev_full(s->file, piece, count);
}

static inline int tftp_sink_add(struct tftp_sink *s, const uint8_t *bytes,
                                size_t n)
{
    if (s->count == TFTP_PIECES && tftp_sink_flush(&s->io) == -1)
        return -1;
    if (n > 0)
        s->pieces[s->count++] = (struct iovec){(void *)bytes, n};
    s->received += n;
    return 0;
}

// A text: converted in place, as it only gets shorter; but for a CR at the end
// of the piece before, which had to wait for what follows it.
static inline int tftp_sink_text(struct tftp_sink *s, uint8_t *bytes, size_t n)
{
    static const uint8_t cr = '\r';
    size_t length = 0;

    for (size_t i = 0; i < n; i++) {
        uint8_t byte = bytes[i];
        bool bare = s->was_cr && byte != '\n' && byte != '\0';
        if (bare && i == 0) { // not valid netascii; keep the CR
            if (tftp_sink_add(s, &cr, 1) == -1)
                return -1;
        } else if (bare) {
            bytes[length++] = '\r';
        }
        if (s->was_cr && byte == '\0')
            bytes[length++] = '\r';
        else if (byte != '\r')
            bytes[length++] = byte;
        s->was_cr = byte == '\r';
    }
    return tftp_sink_add(s, bytes, length);
}

// As tftp_io.h has it; errno is EBADMSG if there are more bytes than announced.
static inline int tftp_sink_write(struct tftp_file *file, uint8_t *bytes,
                                  size_t n)
{
    struct tftp_sink *s = (struct tftp_sink *)file;

    if (s->netascii)
        return tftp_sink_text(s, bytes, n);

    uint64_t left = s->size - s->received;
    size_t length = n < left ? n : (size_t)left;
    for (size_t i = length; i < n; i++) {
        if (!s->with_cksum || s->tail_count == 4) {
            errno = EBADMSG;
            return -1;
        }
        s->tail[s->tail_count++] = bytes[i];
    }
    return tftp_sink_add(s, bytes, length);
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

static inline void tftp_sink_start(struct tftp_sink *s, int file)
{
    s->io =
        (struct tftp_file){.write = tftp_sink_write, .flush = tftp_sink_flush};
    s->file = file;
    s->netascii = s->was_cr = s->with_cksum = false;
    s->tail_count = 0;
    s->size = UINT64_MAX;
    s->received = 0;
    s->count = 0;
    cksum_start(&s->sum);
}

#endif
