/*
 * common/bench/bench_measure.h -- how long a way of passing messages takes.
 *
 * Before a figure counts it has been measured already, in leaps: to warm up,
 * and to see how often is long enough.
 *
 * One way on one core, what counts is the processor time of both ends: there is
 * always something for one of them to do, so it is the time that it takes while
 * nobody else is there, and other people's work does not show.
 *
 * Define _GNU_SOURCE before the first #include: ppoll.
 */
#ifndef COMMON_BENCH_BENCH_MEASURE_H
#define COMMON_BENCH_BENCH_MEASURE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "../stream.h"
#include "bench_core.h"
#include "bench_method.h"
#include "stats.h"

// Give an order, and do this end's part of it. Returns what it took in
// nanoseconds, and sets *total to what arrived and to the processor time of
// both ends; -1 if the child is gone.
static inline int64_t bench_pass(const struct bench_method *method, size_t size,
                                 const struct bench_buffers *bytes, int to,
                                 int from, struct bench_order order,
                                 struct bench_report *total)
{
    const struct timespec moment = {.tv_nsec = 100000}; // 0.1 ms
    struct pollfd answer = {.fd = from, .events = POLLIN};
    struct bench_report report;

    if (write_full(to, &order, sizeof order) == -1 ||
        read_full(from, &report, sizeof report) != sizeof report)
        return -1;
    int64_t cpu = bench_clock(CLOCK_PROCESS_CPUTIME_ID);
    int64_t start = bench_ns(), last = start;
    if (method->put_bare)
        method->put_bare(bytes->out, size, order.count);
    for (long i = 0; order.back && i < order.count; i++) {
        method->put(THERE, bytes->out, size, 1);
        method->take(BACK, bytes->in, size, 1);
        int64_t now = bench_ns();
        bytes->samples_ns[i] = (double)(now - last);
        last = now;
    }
    for (long sent = 0; !order.back && !method->put_bare && sent < order.count;)
        sent += method->put(THERE, bytes->out, size, order.count - sent);
    int64_t end = bench_ns(); // seldom later than that of the child
    cpu = bench_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (method->put_end && !order.back)
        do
            method->put_end();
        while (ppoll(&answer, 1, &moment, NULL) == 0);

    if (read_full(from, &report, sizeof report) != sizeof report)
        return -1;
    *total = report;
    total->cpu += cpu;
    return (report.now > end ? report.now : end) - start;
}

// Measure one thing, in rounds that grow until one is long enough. False if
// the child is gone.
static inline bool bench_measure_rounds(const struct bench *bench,
                                        const struct bench_method *method,
                                        const struct bench_buffers *bytes,
                                        int to, int from, struct bench_row *row,
                                        bool back)
{
    struct bench_order order = {.count = 2, .back = back, .compare = true};
    struct bench_report total;
    int64_t time;

    for (bool last = false;; order.compare = false) {
        time = bench_pass(method, row->size, bytes, to, from, order, &total);
        if (time == -1)
            return false;
        if (last)
            break;
        last = time > bench->min_ns / 4;
        order.count = repeat(order.count, time, bench->min_ns,
                             back ? BENCH_ROUND_TRIPS : 1L << 30);
    }
    if (back) {
        size_t count = (size_t)order.count;
        stats_sort(bytes->samples_ns, count);
        row->p50 = percentile(bytes->samples_ns, count, 50) / 1000;
        row->p99 = percentile(bytes->samples_ns, count, 99) / 1000;
        row->p999 = per_mille(bytes->samples_ns, count, 999) / 1000;
    } else {
        row->rate =
            per_second((double)total.arrived,
                       row->cores == 1 && !method->waits ? total.cpu : time);
        if (method->put_end)
            row->loss = 100 - 100 * (double)total.arrived / (double)order.count;
    }
    return true;
}

#endif
