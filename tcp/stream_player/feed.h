/*
 * tcp/stream_player/feed.h -- write into a pipe that somebody may not empty.
 */
#ifndef TCP_STREAM_PLAYER_FEED_H
#define TCP_STREAM_PLAYER_FEED_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "via.h"

// Write all bytes to a descriptor that does not block. See send in via.h.
static inline int feed_write(const struct player *p, int feed,
                             const char *bytes, size_t count)
{
    while (count > 0) {
        struct pollfd room = {.fd = feed, .events = POLLOUT};
        ssize_t n = write(feed, bytes, count);
        if (n > 0) {
            bytes += n;
            count -= (size_t)n;
        } else if (n == -1 && errno != EAGAIN && errno != EINTR) {
            return -1;
        } else if (poll(&room, 1, p->timeout * 1000) == 0) {
            errno = ETIMEDOUT;
            return -1;
        }
    }
    return 0;
}

#endif
