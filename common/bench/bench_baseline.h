/*
 * common/bench/bench_baseline.h -- limits: a call, a switch, a line, a copy.
 *
 *   (call)   a system call that does nothing
 *   (switch) one process wakes another and goes to sleep, on a futex: a message
 *            there and back, to a process that sleeps, takes two switches
 *   (line)   the same, and both look all the time: a cache line goes from one
 *            core to the other
 *   (copy)   a message from one place in memory to another, by memcpy
 *
 * Define _GNU_SOURCE before the first #include.
 */
#ifndef COMMON_BENCH_BENCH_BASELINE_H
#define COMMON_BENCH_BENCH_BASELINE_H

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../child.h"
#include "../futex.h"
#include "bench_core.h"
#include "stats.h"

// Nanoseconds for a system call that does nothing.
static inline double bench_call(int64_t enough)
{
    int64_t time = 0;
    long count = 100;

    for (bool last = false;; count = repeat(count, time, enough, 1L << 30)) {
        last = time > enough / 4;
        int64_t start = bench_ns();
        for (long i = 0; i < count; i++)
            syscall(SYS_getppid);
        time = bench_ns() - start;
        if (last)
            break;
    }
    return (double)time / (double)count;
}

// Nanoseconds for a copy of that many bytes.
static inline double bench_copy(char *to, const char *from, size_t size,
                                int64_t enough)
{
    int64_t time = 0;
    long count = 4;

    for (bool last = false;; count = repeat(count, time, enough, 1L << 30)) {
        last = time > enough / 4;
        int64_t start = bench_ns();
        for (long i = 0; i < count; i++) {
            memcpy(to, from, size);
            __asm__ volatile("" ::"r"(to) : "memory"); // do it every time
        }
        time = bench_ns() - start;
        if (last)
            break;
    }
    return (double)time / (double)count;
}

// This process has the turn: hand it over, and wait until it comes back.
static inline void bench_hand_over(atomic_int *turn, int mine, bool sleeps)
{
    atomic_store(turn, !mine);
    if (sleeps)
        syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
    while (atomic_load(turn) != mine)
        if (sleeps)
            syscall(SYS_futex, turn, FUTEX_WAIT, !mine, NULL, NULL, 0);
        else
            futex_pause();
}

// Nanoseconds, at the median, until a child on that one of the cores has the
// turn. Below 0 if it cannot be measured.
static inline double bench_turn(const struct bench *bench, int which,
                                bool sleeps, double *times, long most)
{
    const int64_t start = bench_ns();
    pid_t parent = getpid();
    atomic_int *turn = mmap(NULL, sizeof *turn, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if ((intptr_t)turn == -1)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        set_pdeathsig(parent, SIGKILL);
        if (!bench_pin(bench, which))
            _exit(1);
        for (;;)
            bench_hand_over(turn, 1, sleeps);
    }
    long count = -10; // so many to warm up
    int64_t now = start, last = start;
    while (child != -1 && count < most &&
           (now - start < bench->min_ns || count < 100)) {
        bench_hand_over(turn, 0, sleeps);
        now = bench_ns();
        if (count >= 0)
            times[count] = (double)(now - last) / 2;
        count++;
        last = now;
    }
    if (child != -1) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    munmap(turn, sizeof *turn);
    stats_sort(times, (size_t)count);
    return count > 0 ? percentile(times, (size_t)count, 50) : -1;
}

#endif
