/*
 * common/bench/bench_core.h -- what every measurement needs: options, clock,
 *                              processors, and a line of results.
 *
 * Define _GNU_SOURCE before the first #include: sched_setaffinity.
 */
#ifndef COMMON_BENCH_BENCH_CORE_H
#define COMMON_BENCH_BENCH_CORE_H

#include <err.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../program.h"

struct bench {
    const char *file; // where the two ends meet, if they need one
    char **selected;  // the methods to measure, up to NULL; none: all of them
    int64_t min_ns;   // that a measurement takes at least
    size_t core[2];   // processors that this process may use, if there are two
    int first, last;  // from so many cores to so many; 0 to 0: not pinned
};

// A line. What was not measured, or has no meaning here, is below 0.
struct bench_row {
    const char *method;
    size_t size;           // bytes in a message; 0 if there are none
    int cores;             // that both ends are on; 0 if that is left open
    double p50, p99, p999; // microseconds there and back
    double rate;           // messages a second, one way
    double loss;           // percent
};

static const struct bench_row bench_no_row = {
    .p50 = -1, .p99 = -1, .p999 = -1, .rate = -1, .loss = -1};

// What is asked for: bench [--quick] [--unpinned] [FILE] [WAY]..., FILE if
// there is to be one. False if it is something else.
static inline bool bench_asked(struct bench *bench, int argc, char *argv[],
                               bool with_file)
{
    int quick = 0, unpinned = 0, n = 0;
    cpu_set_t all;
    const struct option flags[] = {
        {"quick", no_argument, &quick, 1},
        {"unpinned", no_argument, &unpinned, 1},
        {0},
    };

    if (!parse_flags(argc, argv, flags) || (with_file && optind == argc))
        return false;
    *bench = (struct bench){.min_ns = quick ? 1500000 : 20000000};
    if (with_file)
        bench->file = argv[optind++];
    bench->selected = argv + optind;
    sched_getaffinity(0, sizeof all, &all);
    for (size_t i = 0; i < CPU_SETSIZE && n < 2; i++)
        if (CPU_ISSET(i, &all))
            bench->core[n++] = i;
    bench->first = unpinned ? 0 : 1;
    bench->last = unpinned ? 0 : n;
    return true;
}

// Whether this way is among those asked for.
static inline bool bench_wants(const struct bench *bench, const char *method)
{
    for (char **selected = bench->selected; *selected; selected++)
        if (strcmp(*selected, method) == 0)
            return true;
    return !*bench->selected;
}

// Nanoseconds by a clock: CLOCK_MONOTONIC, or CLOCK_PROCESS_CPUTIME_ID, which
// only goes on while this process has a processor.
static inline int64_t bench_clock(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t bench_ns(void)
{
    return bench_clock(CLOCK_MONOTONIC);
}

// Put this process on one of the two cores: 0 or 1. Or, with --unpinned, leave
// it where it is: then the scheduler moves it, and no two runs are alike.
static inline bool bench_pin(const struct bench *bench, int which)
{
    cpu_set_t one;

    if (bench->last == 0)
        return true;
    CPU_ZERO(&one);
    CPU_SET(bench->core[which], &one);
    if (sched_setaffinity(0, sizeof one, &one) == 0)
        return true;
    warn("sched_setaffinity");
    return false;
}

static inline void bench_heading(void)
{
    printf("way            size cores    p50    p99 p99.9 us"
           "       1000/s      MB/s lost\n");
}

static inline void bench_number(int width, int digits, double n)
{
    if (n < 0)
        printf(" %*s", width, "-");
    else
        printf(" %*.*f", width, n < 1000 || digits > 2 ? digits : 0, n);
}

static inline void bench_print(const struct bench_row *row)
{
    printf("%-10s", row->method);
    bench_number(8, 0, row->size > 0 ? (double)row->size : -1);
    bench_number(6, 0, row->cores > 0 ? row->cores : -1);
    bench_number(7, 2, row->p50);
    bench_number(7, 2, row->p99);
    bench_number(8, 2, row->p999);
    bench_number(12, 3, row->rate < 0 ? -1 : row->rate / 1000);
    bench_number(9, 1,
                 row->rate < 0 || row->size == 0
                     ? -1
                     : row->rate * (double)row->size / 1e6);
    bench_number(5, 0, row->loss);
    printf("\n");
}

#endif
