/*
 * common/bench/bench.h -- what the seven bench.c share: their command line,
 *                         and the order in which they measure.
 *
 * Both ends are pinned: to one core, then to two; with --unpinned, to none. The
 * methods are inside, the sizes around them, so that those that are compared
 * are measured right after each other.
 *
 * Define _GNU_SOURCE before the first #include.
 */
#ifndef COMMON_BENCH_BENCH_H
#define COMMON_BENCH_BENCH_H

#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "bench_baseline.h"
#include "bench_core.h"
#include "bench_measure.h"
#include "bench_method.h"
#include "bench_run_pair.h"

#define BENCH_SYNOPSIS "bench [--quick] [--unpinned] "
#define BENCH_HEAD 4096u      // bytes in front of a message
#define BENCH_ROOM (2u << 20) // for the longest message or batch

// Measure one way in both manners, and print it.
static inline bool bench_measure(const struct bench *bench,
                                 const struct bench_method *method, size_t size,
                                 int cores, const struct bench_buffers *bytes)
{
    struct bench_row row = bench_no_row;

    row.method = method->name;
    row.size = size;
    row.cores = cores;
    if (!method->only_one_way && !method->put_bare &&
        !bench_run_pair(bench, method, bytes, &row, true))
        return false;
    if (!bench_run_pair(bench, method, bytes, &row, false))
        return false;
    bench_print(&row);
    return true;
}

// Measure the limits, and print them.
static inline void bench_baseline(const struct bench *bench,
                                  const size_t *sizes,
                                  const struct bench_buffers *bytes)
{
    struct bench_row row = bench_no_row;

    row.method = "(call)";
    row.p50 = bench_call(bench->min_ns) / 1000;
    bench_print(&row);
    row.method = "(switch)";
    for (row.cores = bench->first; row.cores <= bench->last; row.cores++) {
        row.p50 = bench_turn(bench, row.cores == 2 ? 1 : 0, true,
                             bytes->samples_ns, BENCH_ROUND_TRIPS) /
                  1000;
        bench_print(&row);
    }
    if (bench->last == 2) {
        row.method = "(line)";
        row.cores = 2;
        row.p50 =
            bench_turn(bench, 1, false, bytes->samples_ns, BENCH_ROUND_TRIPS) /
            1000;
        bench_print(&row);
    }
    row = bench_no_row;
    row.method = "(copy)";
    for (; *sizes > 0; sizes++) {
        row.size = *sizes;
        row.rate =
            1e9 / bench_copy(bytes->in, bytes->out, *sizes, bench->min_ns / 2);
        bench_print(&row);
    }
}

// Measure all these methods, with all these sizes of messages, as it was asked
// for. A size of 0 ends the list; alone, it is a message without any bytes.
// Returns the status to end with: 1 if something failed, 2 if there is no such
// way, and it has said what.
static inline int bench_run(const struct bench *bench,
                            const struct bench_method *methods, size_t count,
                            const size_t *sizes)
{
    const size_t room = BENCH_HEAD + BENCH_ROOM;
    const size_t times =
        BENCH_ROUND_TRIPS * sizeof(double) / 4096 * 4096 + 4096;
    void *all = mmap(NULL, times + 2 * room, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1,
                     0); // until the program ends
    if ((intptr_t)all == -1) {
        warn("mmap");
        return 1;
    }
    for (char **selected = bench->selected; *selected; selected++) {
        bool found = false;
        for (size_t w = 0; w < count; w++)
            found = found || strcmp(methods[w].name, *selected) == 0;
        if (!found) {
            warnx("%s: no such method, see the top of bench.c", *selected);
            return 2;
        }
    }
    struct bench_buffers bytes = {
        .out = (char *)all + times + BENCH_HEAD,
        .in = (char *)all + times + room + BENCH_HEAD,
        .samples_ns = all,
    };
    // Messages of 64 n bytes are alike wherever they stand in a batch. And all
    // pages are there before anything is measured.
    for (size_t i = 0; i < BENCH_ROOM; i++)
        bytes.out[i] = bytes.in[i] = (char)(i % 64 * 37);
    bool ok = bench_pin(bench, 0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    bench_heading();
    if (ok)
        bench_baseline(bench, sizes, &bytes);

    for (int cores = bench->first; cores <= bench->last; cores++) {
        const size_t *size = sizes;
        do
            for (size_t w = 0; ok && w < count; w++)
                if (bench_wants(bench, methods[w].name) &&
                    *size >= methods[w].least && *size <= methods[w].most)
                    ok =
                        bench_measure(bench, &methods[w], *size, cores, &bytes);
        while (*size > 0 && *++size > 0);
    }
    return ok ? 0 : 1;
}

#endif
