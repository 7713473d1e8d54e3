/*
 * common/bench.h -- what the seven bench.c share: how they are called, and how
 *                   they go through their ways of passing messages.
 *
 * Both ends are pinned: to one core, then to two; with --unpinned, to none. The
 * ways are inside, the sizes around them, so that those that will be compared
 * are measured right after each other.
 *
 * Define _GNU_SOURCE before the first #include: pipe2, sched_setaffinity,
 * ppoll.
 */
#ifndef COMMON_BENCH_H
#define COMMON_BENCH_H

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench_core.h"
#include "bench_figure.h"
#include "bench_limits.h"
#include "bench_way.h"
#include "child.h"
#include "ending.h"

#define BENCH_SYNOPSIS "bench [--quick] [--unpinned] "
#define BENCH_LIMIT 10        // seconds for a figure; then SIGALRM
#define BENCH_HEAD 4096u      // bytes in front of a message
#define BENCH_ROOM (2u << 20) // for the longest message or batch

// Call tidy_up as before_ending() does, and when a figure takes too long.
static inline void bench_before_ending(void (*tidy_up)(int number))
{
    struct sigaction late = {.sa_handler = tidy_up};

    before_ending(tidy_up);
    sigfillset(&late.sa_mask);
    sigaction(SIGALRM, &late, NULL);
}

// The other end ended before it was told to, and has said why. This end may be
// waiting for it in any call: end as if by kill(1), and tidy up as for that.
static inline void bench_left_alone(int number)
{
    (void)number;
    raise(SIGTERM);
}

// Measure one way, in one of the two manners, with two processes of its own:
// what one measurement leaves behind must not show in the next. False if
// something failed, and it has said what.
static inline bool bench_one(const struct bench *bench,
                             const struct bench_way *way,
                             const struct bench_bytes *bytes,
                             struct bench_row *row, bool back)
{
    int orders[2], reports[2];
    pid_t parent = getpid();

    if (pipe2(orders, O_CLOEXEC) == -1 || pipe2(reports, O_CLOEXEC) == -1) {
        warn("pipe2");
        return false;
    }
    alarm(BENCH_LIMIT);
    way->open(row->size);
    signal(SIGCHLD, bench_left_alone);
    pid_t child = fork();
    if (child == 0) {
        end_with(parent, SIGKILL);
        close(orders[1]);
        close(reports[0]);
        bool well = bench_pin(bench, row->cores == 2 ? 1 : 0) &&
                    bench_answer(way, row->size, bytes, orders[0], reports[1]);
        _exit(well ? 0 : 1);
    }
    close(orders[0]);
    close(reports[1]);
    bool well = child != -1 && bench_figure(bench, way, bytes, orders[1],
                                            reports[0], row, back);
    signal(SIGCHLD, SIG_DFL);
    close(orders[1]); // no more orders
    close(reports[0]);
    well = child != -1 && child_succeeded(child, "other end") && well;
    way->close();
    alarm(0);
    if (!well)
        warnx("%s, %zu bytes: it failed", way->name, row->size);
    return well;
}

// Measure one way in both manners, and print it.
static inline bool bench_measure(const struct bench *bench,
                                 const struct bench_way *way, size_t size,
                                 int cores, const struct bench_bytes *bytes)
{
    struct bench_row row = bench_no_row;

    row.way = way->name;
    row.size = size;
    row.cores = cores;
    if (!way->only_one_way && !way->put_bare &&
        !bench_one(bench, way, bytes, &row, true))
        return false;
    if (!bench_one(bench, way, bytes, &row, false))
        return false;
    bench_print(&row);
    return true;
}

// Measure the limits, and print them.
static inline void bench_limits(const struct bench *bench, const size_t *sizes,
                                const struct bench_bytes *bytes)
{
    struct bench_row row = bench_no_row;

    row.way = "(call)";
    row.p50 = bench_call(bench->enough) / 1000;
    bench_print(&row);
    row.way = "(turn)";
    for (row.cores = bench->first; row.cores <= bench->last; row.cores++) {
        row.p50 = bench_turn(bench, row.cores == 2 ? 1 : 0, bytes->times,
                             BENCH_TRIPS) /
                  1000;
        bench_print(&row);
    }
    row = bench_no_row;
    row.way = "(copy)";
    for (; *sizes > 0; sizes++) {
        row.size = *sizes;
        row.rate =
            1e9 / bench_copy(bytes->in, bytes->out, *sizes, bench->enough / 2);
        bench_print(&row);
    }
}

// Measure all these ways, with all these sizes of messages, as it was asked
// for. A size of 0 ends the list; alone, it is a message without any bytes.
// Returns the status to end with: 1 if something failed, 2 if there is no such
// way, and it has said what.
static inline int bench_run(const struct bench *bench,
                            const struct bench_way *ways, size_t count,
                            const size_t *sizes)
{
    const size_t room = BENCH_HEAD + BENCH_ROOM;
    const size_t times = BENCH_TRIPS * sizeof(double) / 4096 * 4096 + 4096;
    void *all = mmap(NULL, times + 2 * room, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1,
                     0); // until the program ends
    if ((intptr_t)all == -1) {
        warn("mmap");
        return 1;
    }
    for (char **only = bench->only; *only; only++) {
        bool found = false;
        for (size_t w = 0; w < count; w++)
            found = found || strcmp(ways[w].name, *only) == 0;
        if (!found) {
            warnx("%s: no such way, see the top of bench.c", *only);
            return 2;
        }
    }
    struct bench_bytes bytes = {
        .out = (char *)all + times + BENCH_HEAD,
        .in = (char *)all + times + room + BENCH_HEAD,
        .times = all,
    };
    // Messages of 64 n bytes are alike wherever they stand in a batch. And all
    // pages are there before anything is measured.
    for (size_t i = 0; i < BENCH_ROOM; i++)
        bytes.out[i] = bytes.in[i] = (char)(i % 64 * 37);
    bool well = bench_pin(bench, 0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    bench_heading();
    if (well)
        bench_limits(bench, sizes, &bytes);

    for (int cores = bench->first; cores <= bench->last; cores++) {
        const size_t *size = sizes;
        do
            for (size_t w = 0; well && w < count; w++)
                if (bench_wants(bench, ways[w].name) &&
                    *size >= ways[w].least && *size <= ways[w].most)
                    well = bench_measure(bench, &ways[w], *size, cores, &bytes);
        while (*size > 0 && *++size > 0);
    }
    return well ? 0 : 1;
}

#endif
