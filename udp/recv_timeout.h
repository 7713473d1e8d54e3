/*
 * udp/recv_timeout.h -- end when no more datagrams come.
 *
 * UDP has no end of file, and the message that says END can be lost like any
 * other. So a receiver waits for the first datagram as long as it takes, but
 * only for RECV_TIMEOUT_S for each one that follows.
 */
#ifndef UDP_RECV_TIMEOUT_H
#define UDP_RECV_TIMEOUT_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>

#define RECV_TIMEOUT_S 2

// Make every receive fail with EAGAIN after that time without a datagram; and
// with EINTR when the program was stopped and is continued: signal(7). Returns
// 0; -1 and errno.
static inline int set_recv_timeout(int sock)
{
    const struct timeval limit = {.tv_sec = RECV_TIMEOUT_S};

    return setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

// The same once the first datagram has come; it is left in the socket.
static inline int set_recv_timeout_after_first(int sock)
{
    if (recv(sock, NULL, 0, MSG_PEEK) == -1)
        return -1;
    return set_recv_timeout(sock);
}

#endif
