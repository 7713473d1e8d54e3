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
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../common/bench.h"
#include "../common/parse.h"
#include "../common/stream.h"

#define MIB ((size_t)1048576)
#define BATCH 65536u // bytes

static int ends[2][2]; // THERE and BACK: of each, [0] to read, [1] to write
static char *pages;    // twice as many bytes as a pipe can hold
static size_t next;    // of them

static void open_pipes(size_t size)
{
    (void)size;
    if (pipe2(ends[THERE], O_CLOEXEC) == -1 ||
        pipe2(ends[BACK], O_CLOEXEC) == -1)
        err(1, "pipe2");
}

// As large as anybody may make them: /proc/sys/fs/pipe-max-size, usually.
static void open_larger(size_t size)
{
    open_pipes(size);
    for (int i = 0; i < 2; i++)
        for (int room = MIB; fcntl(ends[i][1], F_SETPIPE_SZ, room) == -1;)
            if ((room /= 2) < 4096)
                err(1, "F_SETPIPE_SZ");
}

static void close_pipes(void)
{
    for (int i = 0; i < 2; i++)
        for (int end = 0; end < 2; end++)
            close(ends[i][end]);
}

static long put_write(int where, const char *bytes, size_t size, long left)
{
    (void)left;
    if (write_full(ends[where][1], bytes, size) == -1)
        err(1, "write");
    return 1;
}

static long take_read(int where, char *bytes, size_t size, long left)
{
    (void)left;
    if (read_full(ends[where][0], bytes, size) != (ssize_t)size)
        err(1, "read");
    return 1;
}

static long put_batch(int where, const char *bytes, size_t size, long left)
{
    long most = (long)(BATCH / size);
    long n = left < most ? left : most;

    put_write(where, bytes, (size_t)n * size, 1);
    return n;
}

// What is there; and if the last one is there in part, the rest of it.
static long take_batch(int where, char *bytes, size_t size, long left)
{
    size_t most = (size_t)left * size < BATCH ? (size_t)left * size : BATCH;
    ssize_t n = read(ends[where][0], bytes, most);
    if (n <= 0)
        err(1, "read");
    size_t part = (size_t)n % size;
    if (part > 0)
        take_read(where, bytes + n, size - part, 1);
    return ((long)n + (long)size - 1) / (long)size;
}

static void open_vmsplice(size_t size)
{
    open_larger(size);
    next = 0;
    pages = aligned_alloc(4096, 2 * MIB);
    if (!pages)
        err(1, "aligned_alloc");
    for (size_t i = 0; i < 2 * MIB; i++)
        pages[i] = (char)(i % 64 * 37);
}

static void close_vmsplice(void)
{
    close_pipes();
    free(pages);
}

static long put_vmsplice(int where, const char *bytes, size_t size, long left)
{
    (void)bytes;
    (void)left;
    struct iovec rest = {.iov_base = pages + next, .iov_len = size};
    while (rest.iov_len > 0) { // it takes what there is room for
        ssize_t n = vmsplice(ends[where][1], &rest, 1, 0);
        if (n == -1)
            err(1, "vmsplice");
        rest.iov_base = (char *)rest.iov_base + n;
        rest.iov_len -= (size_t)n;
    }
    next = (next + size) % (2 * MIB);
    return 1;
}

static void bare_write(const char *bytes, size_t size, long count)
{
    while (count-- > 0)
        if (write(ends[THERE][1], bytes, size) == -1)
            _exit(1);
}

static void bare_vmsplice(const char *bytes, size_t size, long count)
{
    (void)bytes;
    struct iovec all = {.iov_base = NULL, .iov_len = size};

    for (size_t sent = 0; sent < size * (size_t)count;) {
        all.iov_base = pages + sent % (2 * MIB) / 4096 * 4096;
        sent += (size_t)vmsplice(ends[THERE][1], &all, 1, 0);
    }
}

static long bare_read(char *bytes, size_t size, long count)
{
    size_t all = size * (size_t)count;

    while (all > 0)
        all -= (size_t)read(ends[THERE][0], bytes, all < size ? all : size);
    return count;
}

int main(int argc, char *argv[])
{
    const size_t sizes[] = {64, 1024, 4096, 65536, MIB, 0};
    const struct bench_way ways[] = {
        {.name = "write",
         .most = MIB,
         .open = open_pipes,
         .close = close_pipes,
         .put = put_write,
         .take = take_read},
        {.name = "larger",
         .most = MIB,
         .open = open_larger,
         .close = close_pipes,
         .put = put_write,
         .take = take_read},
        {.name = "batch",
         .most = 4096,
         .only_one_way = true,
         .open = open_larger,
         .close = close_pipes,
         .put = put_batch,
         .take = take_batch},
        {.name = "vmsplice",
         .least = 4096,
         .most = MIB,
         .open = open_vmsplice,
         .close = close_vmsplice,
         .put = put_vmsplice,
         .take = take_read},
        {.name = "barewrite",
         .most = MIB,
         .open = open_larger,
         .close = close_pipes,
         .put_bare = bare_write,
         .take_bare = bare_read},
        {.name = "baresplice",
         .least = 4096,
         .most = MIB,
         .open = open_vmsplice,
         .close = close_vmsplice,
         .put_bare = bare_vmsplice,
         .take_bare = bare_read},
    };
    struct bench bench;
    if (!bench_asked(&bench, argc, argv, false))
        return usage(argc, argv, BENCH_SYNOPSIS "[WAY]...");

    return bench_run(&bench, ways, sizeof ways / sizeof *ways, sizes);
}
