/*
 * common/stream.h -- whole records over a byte stream.
 *
 * A pipe, a FIFO and a TCP connection carry bytes, not messages: one read may
 * return less than one write put in, and the other way about.
 */
#ifndef COMMON_STREAM_H
#define COMMON_STREAM_H

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

// Read size bytes, however many reads that takes. Returns their number: less
// than size only at end of file; -1 and errno if a read failed. A signal that
// arrives before the first byte is a failure too, EINTR: see termination.h.
static inline ssize_t read_full(int from, void *buffer, size_t size)
{
    size_t filled = 0;

    while (filled < size) {
        ssize_t n = read(from, (char *)buffer + filled, size - filled);
        if (n == 0)
            break;
        if (n == -1 && (errno != EINTR || filled == 0))
            return -1;
        if (n > 0)
            filled += (size_t)n;
    }
    return (ssize_t)filled;
}

// Write all size bytes, however many writes that takes. Returns 0; -1 and errno
// if a write failed.
static inline int write_full(int to, const void *buffer, size_t size)
{
    size_t written = 0;

    while (written < size) {
        ssize_t n = write(to, (const char *)buffer + written, size - written);
        if (n == -1 && errno != EINTR)
            return -1;
        if (n > 0)
            written += (size_t)n;
    }
    return 0;
}

// The same for count pieces, in one call where that takes them all. The pieces
// are changed.
static inline int writev_full(int to, struct iovec *piece, int count)
{
    while (count > 0) {
        ssize_t n = writev(to, piece, count);
        if (n == -1 && errno != EINTR)
            return -1;
        size_t written = n > 0 ? (size_t)n : 0;
        for (; count > 0 && written >= piece->iov_len; piece++, count--)
            written -= piece->iov_len;
        if (count > 0) {
            piece->iov_base = (char *)piece->iov_base + written;
            piece->iov_len -= written;
        }
    }
    return 0;
}

#endif
