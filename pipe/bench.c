/*
 * pipe/bench.c -- what a pipe costs, as the lessons use it and faster.
 *
 * Shows:   write     as the lessons do: a write and a read for each message
 *          larger    the same on a pipe of 1 MiB: fewer waits for room
 *          batch     what is small goes together, 64 KiB in each call
 *          vmsplice  lends its pages to the pipe instead of copying into it:
 *                    only the reader copies. They must not change until they
 *                    have been read, so it takes as many as the pipe holds
 *          splice    the same, and the reader does not look at the bytes: it
 *                    moves the pages on, to /dev/null. No copy at all
 *          poll      write, with a poll(2) before each read
 *          bare...   the calls of larger and vmsplice, and nothing else
 *
 * Run:     $ build/pipe/bench --quick
 *
 * Prints:  way <columns>
 *          <...>
 *
 * Read:    pipe(7), pipe2(2), vmsplice(2), splice(2), poll(2), close(2)
 */
#define _GNU_SOURCE // pipe2, F_SETPIPE_SZ, vmsplice; bench.h
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../common/bench/bench.h"
#include "../common/bench/bench_stream.h"
#include "../common/bench/bench_vmsplice.h"
#include "../common/program.h"

static int dev_null = -1;

static void open_pipes(size_t size)
{
    (void)size;
    for (int i = 0; i < 2; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) == -1)
            err(1, "pipe2");
        stream_from[i] = ends[0];
        stream_to[i] = ends[1];
    }
}

static void open_larger(size_t size)
{
    open_pipes(size);
    lend_enlarge();
}

static void close_pipes(void)
{
    for (int i = 0; i < 2; i++) {
        close(stream_to[i]);
        close(stream_from[i]);
    }
}

static void open_vmsplice(size_t size)
{
    open_larger(size);
    lend_start();
}

static void close_vmsplice(void)
{
    close_pipes();
    lend_end();
}

static void bare_vmsplice(const char *bytes, size_t size, long count)
{
    (void)bytes;
    struct iovec all = {.iov_base = NULL, .iov_len = size};

    for (size_t sent = 0; sent < size * (size_t)count;) {
        all.iov_base = lend_pages + sent % LEND_BYTES / 4096 * 4096;
        sent += (size_t)vmsplice(stream_to[THERE], &all, 1, 0);
    }
}

static void open_splice(size_t size)
{
    open_vmsplice(size);
    dev_null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (dev_null == -1)
        err(1, "/dev/null");
}

static void close_splice(void)
{
    close_vmsplice();
    close(dev_null);
}

// NOLINTNEXTLINE(readability-non-const-parameter): bench_method.take
static long splice_take(int where, char *bytes, size_t size, long left)
{
    (void)bytes;
    (void)left;
    while (size > 0) {
        ssize_t n = splice(stream_from[where], NULL, dev_null, NULL, size, 0);
        if (n <= 0)
            err(1, "splice");
        size -= (size_t)n;
    }
    return 1;
}

static long poll_take(int where, char *bytes, size_t size, long left)
{
    struct pollfd end = {.fd = stream_from[where], .events = POLLIN};

    if (poll(&end, 1, -1) == -1)
        err(1, "poll");
    return stream_take(where, bytes, size, left);
}

int main(int argc, char *argv[])
{
    program_start();
    const size_t sizes[] = {64, 1024, 4096, 65536, MIB, 0};
    const struct bench_method methods[] = {
        stream_method("write", open_pipes, close_pipes),
        stream_method("larger", open_larger, close_pipes),
        {.name = "batch",
         .most = 4096,
         .only_one_way = true,
         .open = open_larger,
         .close = close_pipes,
         .put = stream_put_batch,
         .take = stream_take_batch},
        {.name = "vmsplice",
         .least = 4096,
         .most = MIB,
         .open = open_vmsplice,
         .close = close_vmsplice,
         .put = lend_put,
         .take = stream_take},
        {.name = "splice",
         .least = 4096,
         .most = MIB,
         .in_place = true,
         .open = open_splice,
         .close = close_splice,
         .put = lend_put,
         .take = splice_take},
        {.name = "poll",
         .most = MIB,
         .open = open_pipes,
         .close = close_pipes,
         .put = stream_put,
         .take = poll_take},
        stream_bare_method(open_larger, close_pipes),
        {.name = "baresplice",
         .least = 4096,
         .most = MIB,
         .open = open_vmsplice,
         .close = close_vmsplice,
         .put_bare = bare_vmsplice,
         .take_bare = stream_take_bare},
    };
    struct bench bench;
    if (!bench_asked(&bench, argc, argv, false))
        return usage(argc, argv, BENCH_SYNOPSIS "[WAY]...");

    return bench_run(&bench, methods, sizeof methods / sizeof *methods, sizes);
}
