/*
 * common/bench/bench_run_pair.h -- one measurement, with two processes of its
 *              own: what it leaves behind must not show in the next one.
 *
 * Define _GNU_SOURCE before the first #include: pipe2.
 */
#ifndef COMMON_BENCH_BENCH_RUN_PAIR_H
#define COMMON_BENCH_BENCH_RUN_PAIR_H

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "../child.h"
#include "../termination.h"
#include "bench_core.h"
#include "bench_measure.h"
#include "bench_method.h"

#define BENCH_LIMIT 10 // seconds; then SIGALRM

// As on_termination(), and when a figure takes too long.
static inline void bench_on_termination(void (*cleanup)(void))
{
    struct sigaction late = {.sa_handler = termination_handler};

    late.sa_mask = termination_signals();
    on_termination(cleanup);
    sigaction(SIGALRM, &late, NULL);
}

// The other end ended before it was told to, and has said why. This end may be
// waiting for it in any call: end as if by kill(1), with the same cleanup.
static inline void bench_peer_gone(int number)
{
    (void)number;
    raise(SIGTERM);
}

// Measure one way, in one of the two manners. False if something failed, and it
// has said what.
static inline bool bench_run_pair(const struct bench *bench,
                                  const struct bench_method *method,
                                  const struct bench_buffers *bytes,
                                  struct bench_row *row, bool back)
{
    int orders[2], reports[2];
    pid_t parent = getpid();

    if (pipe2(orders, O_CLOEXEC) == -1 || pipe2(reports, O_CLOEXEC) == -1) {
        warn("pipe2");
        return false;
    }
    alarm(BENCH_LIMIT);
    method->open(row->size);
    signal(SIGCHLD, bench_peer_gone);
    pid_t child = fork();
    if (child == 0) {
        set_pdeathsig(parent, SIGKILL);
        close(orders[1]);
        close(reports[0]);
        bool ok = bench_pin(bench, row->cores == 2 ? 1 : 0) &&
                  bench_answer(method, row->size, bytes, orders[0], reports[1]);
        _exit(ok ? 0 : 1);
    }
    close(orders[0]);
    close(reports[1]);
    bool ok =
        child != -1 && bench_measure_rounds(bench, method, bytes, orders[1],
                                            reports[0], row, back);
    signal(SIGCHLD, SIG_DFL);
    close(orders[1]); // no more orders
    close(reports[0]);
    ok = child != -1 && child_succeeded(child, "other end") && ok;
    method->close();
    alarm(0);
    if (!ok)
        warnx("%s, %zu bytes: it failed", method->name, row->size);
    return ok;
}

#endif
