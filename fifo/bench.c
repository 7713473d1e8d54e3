/*
 * fifo/bench.c -- what a FIFO costs, as the lessons use it and faster.
 *
 * Shows:   write      as the lessons do: a write and a read for each message
 *          reopen     open, write and close for each, as `echo >path` does
 *          vmsplice   1 MiB of room, and the sender lends its pages instead of
 *                     copying: as in pipe/bench.c
 *          barewrite  the calls of write, and nothing else
 *
 * Run:     $ build/fifo/bench --quick path
 *
 * Prints:  way <columns>
 *          <...>
 *
 * Read:    fifo(7), mkfifo(3), open(2), fcntl(2), vmsplice(2)
 */
#define _GNU_SOURCE // F_SETPIPE_SZ, vmsplice; bench.h
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../common/bench.h"
#include "../common/ending.h"
#include "../common/fifo.h"
#include "../common/parse.h"
#include "../common/stream.h"

#define MIB ((size_t)1048576)

static char paths[2][PATH_MAX]; // THERE and BACK
static int to[2] = {-1, -1}, from[2] = {-1, -1};
static char *pages; // twice as many bytes as a FIFO can hold
static size_t next; // of them

static void remove_paths(void)
{
    fifo_remove(paths[THERE]);
    fifo_remove(paths[BACK]);
}

static void remove_paths_and_end(int number)
{
    remove_paths();
    end_by(number);
}

// Here both ends are opened by one process, so neither may wait for the other.
static void open_fifos(size_t size)
{
    (void)size;
    for (int i = 0; i < 2; i++) {
        from[i] = open(paths[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        to[i] = open(paths[i], O_WRONLY | O_CLOEXEC);
        if (from[i] == -1 || to[i] == -1 || fcntl(from[i], F_SETFL, 0) == -1)
            err(1, "%s", paths[i]);
    }
}

static void open_larger(size_t size)
{
    open_fifos(size);
    for (int i = 0; i < 2; i++)
        for (int room = MIB; fcntl(to[i], F_SETPIPE_SZ, room) == -1;)
            if ((room /= 2) < 4096)
                err(1, "F_SETPIPE_SZ");
    next = 0;
    pages = aligned_alloc(4096, 2 * MIB);
    if (!pages)
        err(1, "aligned_alloc");
    for (size_t i = 0; i < 2 * MIB; i++)
        pages[i] = (char)(i % 64 * 37);
}

static void close_fifos(void)
{
    for (int i = 0; i < 2; i++) {
        close(to[i]);
        close(from[i]);
    }
    free(pages);
    pages = NULL;
}

static long put_write(int where, const char *bytes, size_t size, long left)
{
    (void)left;
    if (write_full(to[where], bytes, size) == -1)
        err(1, "write");
    return 1;
}

static long put_reopen(int where, const char *bytes, size_t size, long left)
{
    (void)left;
    int end = open(paths[where], O_WRONLY | O_CLOEXEC);
    if (end == -1)
        err(1, "%s", paths[where]);
    if (write_full(end, bytes, size) == -1)
        err(1, "write");
    close(end);
    return 1;
}

static long put_vmsplice(int where, const char *bytes, size_t size, long left)
{
    (void)bytes;
    (void)left;
    struct iovec rest = {.iov_base = pages + next, .iov_len = size};
    while (rest.iov_len > 0) { // it takes what there is room for
        ssize_t n = vmsplice(to[where], &rest, 1, 0);
        if (n == -1)
            err(1, "vmsplice");
        rest.iov_base = (char *)rest.iov_base + n;
        rest.iov_len -= (size_t)n;
    }
    next = (next + size) % (2 * MIB);
    return 1;
}

static long take_read(int where, char *bytes, size_t size, long left)
{
    (void)left;
    if (read_full(from[where], bytes, size) != (ssize_t)size)
        err(1, "read");
    return 1;
}

static void bare_write(const char *bytes, size_t size, long count)
{
    while (count-- > 0)
        if (write(to[THERE], bytes, size) == -1)
            _exit(1);
}

static long bare_read(char *bytes, size_t size, long count)
{
    size_t all = size * (size_t)count;

    while (all > 0)
        all -= (size_t)read(from[THERE], bytes, all < size ? all : size);
    return count;
}

static void make(const char *path, const char *suffix, char *name)
{
    if (snprintf(name, PATH_MAX, "%s%s", path, suffix) >= PATH_MAX)
        errx(1, "%s: too long", path);
    // One that is left of a killed run is as good as new.
    if (mkfifo(name, 0600) == -1 && (errno != EEXIST || !fifo_is_ours(name)))
        err(1, "%s", name);
}

int main(int argc, char *argv[])
{
    const size_t sizes[] = {64, 1024, 4096, 65536, MIB, 0};
    const struct bench_way ways[] = {
        {.name = "write",
         .most = MIB,
         .open = open_fifos,
         .close = close_fifos,
         .put = put_write,
         .take = take_read},
        {.name = "reopen",
         .most = 4096,
         .open = open_fifos,
         .close = close_fifos,
         .put = put_reopen,
         .take = take_read},
        {.name = "vmsplice",
         .least = 4096,
         .most = MIB,
         .open = open_larger,
         .close = close_fifos,
         .put = put_vmsplice,
         .take = take_read},
        {.name = "barewrite",
         .most = MIB,
         .open = open_fifos,
         .close = close_fifos,
         .put_bare = bare_write,
         .take_bare = bare_read},
    };
    struct bench bench;
    if (!bench_asked(&bench, argc, argv, true))
        return usage(argc, argv, BENCH_SYNOPSIS "PATH [WAY]...");

    bench_before_ending(remove_paths_and_end);
    make(bench.file, "", paths[THERE]);
    make(bench.file, ".back", paths[BACK]);
    atexit(remove_paths);
    return bench_run(&bench, ways, sizeof ways / sizeof *ways, sizes);
}
