/*
 * udp/poll_signals_first.h -- wait for descriptors and for signals.
 *
 * ppoll(2) lets in the signals that are held back while it waits, so that none
 * comes between a look at a flag and the wait. But where something can be read
 * already it does not wait: under a flood of datagrams ^C would never be
 * delivered.
 */
#ifndef UDP_POLL_SIGNALS_FIRST_H
#define UDP_POLL_SIGNALS_FIRST_H

#include <poll.h>
#include <signal.h>
#include <time.h>

// As ppoll(2), but a signal that has come goes first: -1 and EINTR. Define
// _GNU_SOURCE before the first #include: ppoll.
static inline int poll_signals_first(struct pollfd *fds, nfds_t count,
                                     const struct timespec *limit,
                                     const sigset_t *during)
{
    const struct timespec none = {0};

    if (ppoll(NULL, 0, &none, during) == -1)
        return -1;
    return ppoll(fds, count, limit, during);
}

#endif
