/*
 * common/bench/bench_stream.h -- methods over a byte stream, for the
 * benchmarks of pipes, FIFOs and connections (bench_method.h).
 *
 *     write   a write and a read for each message
 *     batch   what is small goes together, 64 KiB in each call
 *     bare    the calls of write, and nothing else
 *
 * Who has opened the streams puts them into stream_to and stream_from.
 */
#ifndef COMMON_BENCH_BENCH_STREAM_H
#define COMMON_BENCH_BENCH_STREAM_H

#include <err.h>
#include <sys/types.h>
#include <unistd.h>

#include "../stream.h"
#include "bench.h"

#define STREAM_BATCH 65536u // bytes

// The ends of two streams, THERE and BACK: to write, and to read.
static int stream_to[2] = {-1, -1}, stream_from[2] = {-1, -1};

static inline long stream_put(int where, const char *bytes, size_t size,
                              long left)
{
    (void)left;
    if (write_full(stream_to[where], bytes, size) == -1)
        err(1, "write");
    return 1;
}

static inline long stream_take(int where, char *bytes, size_t size, long left)
{
    (void)left;
    if (read_full(stream_from[where], bytes, size) != (ssize_t)size)
        err(1, "read");
    return 1;
}

static inline long stream_put_batch(int where, const char *bytes, size_t size,
                                    long left)
{
    long most = (long)(STREAM_BATCH / size);
    long n = left < most ? left : most;

    stream_put(where, bytes, (size_t)n * size, 1);
    return n;
}

// What is there; and if the last one is there in part, the rest of it.
static inline long stream_take_batch(int where, char *bytes, size_t size,
                                     long left)
{
    size_t all = (size_t)left * size;
    ssize_t n = read(stream_from[where], bytes,
                     all < STREAM_BATCH ? all : STREAM_BATCH);
    if (n <= 0)
        err(1, "read");
    size_t part = (size_t)n % size;
    if (part > 0)
        stream_take(where, bytes + n, size - part, 1);
    return ((long)n + (long)size - 1) / (long)size;
}

static inline void stream_put_bare(const char *bytes, size_t size, long count)
{
    while (count-- > 0)
        if (write(stream_to[THERE], bytes, size) == -1)
            _exit(1);
}

static inline long stream_take_bare(char *bytes, size_t size, long count)
{
    size_t all = size * (size_t)count;

    while (all > 0)
        all -= (size_t)read(stream_from[THERE], bytes, all < size ? all : size);
    return count;
}

// The method that writes and reads each message, under this name.
static inline struct bench_method
stream_method(const char *name, void (*open)(size_t size), void (*close)(void))
{
    return (struct bench_method){.name = name,
                                 .most = MIB,
                                 .open = open,
                                 .close = close,
                                 .put = stream_put,
                                 .take = stream_take};
}

// Its calls, and nothing else.
static inline struct bench_method stream_bare_method(void (*open)(size_t size),
                                                     void (*close)(void))
{
    return (struct bench_method){.name = "barewrite",
                                 .most = MIB,
                                 .open = open,
                                 .close = close,
                                 .put_bare = stream_put_bare,
                                 .take_bare = stream_take_bare};
}

#endif
