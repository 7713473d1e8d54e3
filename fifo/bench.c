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
#include <sys/stat.h>
#include <unistd.h>

#include "../common/bench/bench.h"
#include "../common/bench/bench_stream.h"
#include "../common/bench/bench_vmsplice.h"
#include "../common/program.h"
#include "fifo.h"

static char paths[2][PATH_MAX]; // THERE and BACK

static void remove_paths(void)
{
    fifo_remove(paths[THERE]);
    fifo_remove(paths[BACK]);
}

// Here both ends are opened by one process, so neither may wait for the other.
static void open_fifos(size_t size)
{
    (void)size;
    for (int i = 0; i < 2; i++) {
        int from = open(paths[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        int to = open(paths[i], O_WRONLY | O_CLOEXEC);
        if (from == -1 || to == -1 || fcntl(from, F_SETFL, 0) == -1)
            err(1, "%s", paths[i]);
        stream_from[i] = from;
        stream_to[i] = to;
    }
}

static void open_larger(size_t size)
{
    open_fifos(size);
    lend_enlarge();
    lend_start();
}

static void close_fifos(void)
{
    for (int i = 0; i < 2; i++) {
        close(stream_to[i]);
        close(stream_from[i]);
    }
    lend_end();
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

static void make(const char *path, const char *suffix, char *name)
{
    if (snprintf(name, PATH_MAX, "%s%s", path, suffix) >= PATH_MAX)
        errx(1, "%s: too long", path);
    // EEXIST and ours: a killed run left it behind.
    if (mkfifo(name, 0600) == -1 && (errno != EEXIST || !fifo_is_ours(name)))
        err(1, "%s", name);
}

int main(int argc, char *argv[])
{
    program_start();
    const size_t sizes[] = {64, 1024, 4096, 65536, MIB, 0};
    const struct bench_method methods[] = {
        stream_method("write", open_fifos, close_fifos),
        {.name = "reopen",
         .most = 4096,
         .open = open_fifos,
         .close = close_fifos,
         .put = put_reopen,
         .take = stream_take},
        {.name = "vmsplice",
         .least = 4096,
         .most = MIB,
         .open = open_larger,
         .close = close_fifos,
         .put = lend_put,
         .take = stream_take},
        stream_bare_method(open_fifos, close_fifos),
    };
    struct bench bench;
    if (!bench_asked(&bench, argc, argv, true))
        return usage(argc, argv, BENCH_SYNOPSIS "PATH [WAY]...");

    block_termination();
    make(bench.file, "", paths[THERE]);
    make(bench.file, ".back", paths[BACK]);
    bench_on_termination(remove_paths);
    return bench_run(&bench, methods, sizeof methods / sizeof *methods, sizes);
}
