/*
 * common/silence.h -- an end for those who wait for datagrams.
 *
 * UDP has no end of file, and the message that says goodbye can be lost like
 * any other. So a receiver waits for the first datagram as long as it takes,
 * but then not for ever for the next one.
 */
#ifndef COMMON_SILENCE_H
#define COMMON_SILENCE_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>

#define SILENCE 2 // seconds

// Wait for the first datagram, and leave it there. From then on every receive
// fails with EAGAIN after SILENCE seconds without one; and with EINTR where
// the program was stopped and continued: signal(7). Returns 0; -1 and errno.
static inline int limit_silence(int sock)
{
    const struct timeval limit = {.tv_sec = SILENCE};

    if (recv(sock, NULL, 0, MSG_PEEK) == -1)
        return -1;
    return setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

#endif
