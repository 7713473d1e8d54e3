/*
 * common/bench/bench_method.h -- a method of passing messages from one process
 *                                to another, which takes and answers them.
 *
 *     this process                               its child
 *     on the first core                          on the same core, or the next
 *
 *     put(THERE)    ---- there and back ---->    take(THERE)
 *     take(BACK)    <------------------------    put(BACK)
 *
 *     put(THERE) as often as it goes,            take(THERE), until all came
 *     all the messages   ---- one way ------>    (or the END, where some may
 *                                                be lost)
 *
 * The first few messages are compared with what was sent.
 *
 * Define _GNU_SOURCE before the first #include: sched_setaffinity.
 */
#ifndef COMMON_BENCH_BENCH_METHOD_H
#define COMMON_BENCH_BENCH_METHOD_H

#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../stream.h"
#include "bench_core.h"

#define MIB ((size_t)1048576)

enum { THERE, BACK };

// One way of passing messages. Its functions end the program if a call fails.
struct bench_method {
    const char *name;
    size_t least, most; // bytes that a message may have
    bool only_one_way;  // a batch, there and back, is no batch
    bool in_place;      // take leaves the bytes where they are
    bool waits;         // for the clock, and not only for the other end
    void (*open)(size_t size);
    void (*close)(void);
    // Put, or take, the next of these messages; up to so many in one call, if
    // that is the trick. Returns how many it was; take: 0 at the END.
    long (*put)(int where, const char *bytes, size_t size, long left);
    long (*take)(int where, char *bytes, size_t size, long left);
    void (*put_end)(void); // where messages may be lost: say that it was all
    void (*clear)(void);   // and throw away what is left of that
    // The same calls without all this, for comparison, in place of put, take:
    // that many messages. take_bare returns how many came.
    void (*put_bare)(const char *bytes, size_t size, long count);
    long (*take_bare)(char *bytes, size_t size, long count);
};

struct bench_order {
    long count;
    bool back;    // answer each message
    bool compare; // with what should come
};

struct bench_report {
    int64_t now; // nanoseconds
    int64_t cpu; // of processor time that it took
    long arrived;
};

// What both ends have in memory of their own. In front of the bytes there is
// room for what some mechanism wants to stand there.
struct bench_buffers {
    char *out, *in;     // the messages that are sent, and what arrived
    double *samples_ns; // of one round trip each, in nanoseconds
};

#define BENCH_ROUND_TRIPS 100000 // the most of them

// Whether these n messages are what was sent; if not, says so.
static inline bool bench_same(const struct bench_method *method, size_t size,
                              const struct bench_buffers *bytes, long n)
{
    for (long i = 0; i < n; i++)
        if (memcmp(bytes->in + (size_t)i * size, bytes->out, size) != 0) {
            warnx("%s: not the bytes that were sent", method->name);
            return false;
        }
    return true;
}

// Take the messages of one order, and answer each if that is wanted. Returns
// how many came; -1 if they are not what was sent.
static inline long bench_take(const struct bench_method *method, size_t size,
                              const struct bench_buffers *bytes,
                              const struct bench_order *order)
{
    bool compare = order->compare && !method->in_place;
    long arrived = 0;

    if (method->take_bare)
        return method->take_bare(bytes->in, size, order->count);
    if (compare)
        memset(bytes->in, 0, size);
    while (arrived < order->count) {
        long n = method->take(THERE, bytes->in, size, order->count - arrived);
        if (n == 0)
            break;
        if (compare && !bench_same(method, size, bytes, n))
            return -1;
        if (order->back)
            method->put(BACK, bytes->out, size, 1);
        arrived += n;
    }
    return arrived;
}

// The child: take what comes, and report, until there are no more orders. False
// if it cannot, or what came is not what was sent, which it says.
static inline bool bench_answer(const struct bench_method *method, size_t size,
                                const struct bench_buffers *bytes, int from,
                                int to)
{
    struct bench_order order;

    while (read_full(from, &order, sizeof order) == sizeof order) {
        struct bench_report report = {0};
        if (method->clear)
            method->clear();
        int64_t cpu = bench_clock(CLOCK_PROCESS_CPUTIME_ID);
        if (write_full(to, &report, sizeof report) == -1) // "come on"
            return false;
        report.arrived = bench_take(method, size, bytes, &order);
        if (report.arrived == -1)
            return false;
        report.cpu = bench_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        report.now = bench_ns();
        if (write_full(to, &report, sizeof report) == -1)
            return false;
    }
    return true;
}

#endif
