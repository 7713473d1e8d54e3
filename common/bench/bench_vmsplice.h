/*
 * common/bench/bench_vmsplice.h -- vmsplice(2) for pipes and FIFOs: the
 * sender lends its pages instead of copying them, and only the reader copies.
 *
 * Lent pages must not change until they have been read. So there are twice as
 * many as the pipe can hold, and they are used in turn.
 *
 * Define _GNU_SOURCE before the first #include: F_SETPIPE_SZ, vmsplice.
 */
#ifndef COMMON_BENCH_BENCH_VMSPLICE_H
#define COMMON_BENCH_BENCH_VMSPLICE_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "bench_stream.h"

#define LEND_ROOM ((size_t)1048576) // bytes that a pipe holds, at most
#define LEND_BYTES (2 * LEND_ROOM)

static char *lend_pages;
static size_t lend_next; // of their bytes

// Make both pipes as large as allowed: /proc/sys/fs/pipe-max-size, usually.
static inline void lend_enlarge(void)
{
    for (int i = 0; i < 2; i++)
        for (int room = LEND_ROOM;
             fcntl(stream_to[i], F_SETPIPE_SZ, room) == -1;)
            if ((room /= 2) < 4096)
                err(1, "F_SETPIPE_SZ");
}

static inline void lend_start(void)
{
    lend_next = 0;
    lend_pages = aligned_alloc(4096, LEND_BYTES);
    if (!lend_pages)
        err(1, "aligned_alloc");
    for (size_t i = 0; i < LEND_BYTES; i++)
        lend_pages[i] = (char)(i % 64 * 37);
}

static inline void lend_end(void)
{
    free(lend_pages);
    lend_pages = NULL;
}

static inline long lend_put(int where, const char *bytes, size_t size,
                            long left)
{
    (void)bytes;
    (void)left;
    struct iovec rest = {.iov_base = lend_pages + lend_next, .iov_len = size};
    while (rest.iov_len > 0) { // it takes what there is room for
        ssize_t n = vmsplice(stream_to[where], &rest, 1, 0);
        if (n == -1)
            err(1, "vmsplice");
        rest.iov_base = (char *)rest.iov_base + n;
        rest.iov_len -= (size_t)n;
    }
    lend_next = (lend_next + size) % LEND_BYTES;
    return 1;
}

#endif
