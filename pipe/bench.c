/*
 * pipe/bench.c -- what a pipe costs, as the lessons use it and faster.
 *
 * Shows:   write     as the lessons do: a write and a read for each message
 *          larger    the same on a pipe of 1 MiB: fewer waits for room
 *          batch     what is small goes together, 64 KiB in each call
 *          vmsplice  lends its pages to the pipe instead of copying into it:
 *                    only the reader copies. They must not change until they
 *                    have been read, so it takes as many as the pipe holds
 *          bare...   the calls of larger and vmsplice, and nothing else
 *
 * Run:     $ build/pipe/bench --quick
 *
 * Prints:  way <columns>
 *          <...>
 *
 * Read:    pipe(7), write(2), read(2), fcntl(2), vmsplice(2)
 */
#define _GNU_SOURCE // pipe2, F_SETPIPE_SZ, vmsplice; bench.h
#include <err.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../common/bench/bench.h"
#include "../common/bench/bench_stream.h"
#include "../common/bench/bench_vmsplice.h"
#include "../common/program.h"

#define MIB ((size_t)1048576)
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

int main(int argc, char *argv[])
{
    program_start();
    const size_t sizes[] = {64, 1024, 4096, 65536, MIB, 0};
    const struct bench_way ways[] = {
        {.name = "write",
         .most = MIB,
         .open = open_pipes,
         .close = close_pipes,
         .put = stream_put,
         .take = stream_take},
        {.name = "larger",
         .most = MIB,
         .open = open_larger,
         .close = close_pipes,
         .put = stream_put,
         .take = stream_take},
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
        {.name = "barewrite",
         .most = MIB,
         .open = open_larger,
         .close = close_pipes,
         .put_bare = stream_put_bare,
         .take_bare = stream_take_bare},
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

    return bench_run(&bench, ways, sizeof ways / sizeof *ways, sizes);
}
