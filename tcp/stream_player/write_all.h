/*
 * tcp/stream_player/write_all.h -- write into a pipe that may stay full.
 */
#ifndef TCP_STREAM_PLAYER_WRITE_ALL_H
#define TCP_STREAM_PLAYER_WRITE_ALL_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "via.h"

// Write all bytes to a descriptor that does not block. The result is that of
// send in via.h.
static inline int write_all(const struct player *p, int to, const char *bytes,
                            size_t count)
{
    while (count > 0) {
        struct pollfd room = {.fd = to, .events = POLLOUT};
        ssize_t n = write(to, bytes, count);
        if (n > 0) {
            bytes += n;
            count -= (size_t)n;
        } else if (n == -1 && errno != EAGAIN && errno != EINTR) {
            return -1;
        } else if (poll(&room, 1, p->timeout_s * 1000) == 0) {
            errno = ETIMEDOUT;
            return -1;
        }
    }
    return 0;
}

#endif
