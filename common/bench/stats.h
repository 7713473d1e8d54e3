/*
 * common/bench/stats.h -- what may be said about a heap of measurements.
 *
 * A mean says little about times: one interruption among thousand of them moves
 * it. So they are sorted, and those are named below which half of them lie,
 * ninety-nine in a hundred, and all but one in a thousand.
 */
#ifndef COMMON_BENCH_STATS_H
#define COMMON_BENCH_STATS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static inline int figures_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static inline void stats_sort(double *figures, size_t count)
{
    qsort(figures, count, sizeof *figures, figures_compare);
}

// The least of the sorted figures that at least so many in a thousand of them
// do not exceed (the "nearest rank"): always one that was measured. 0 of none.
static inline double per_mille(const double *sorted, size_t count,
                               unsigned thousandths)
{
    if (count == 0)
        return 0;
    size_t rank = (count * thousandths + 999) / 1000; // rounded up; 1: least
    return sorted[rank == 0 ? 0 : rank - 1];
}

static inline double percentile(const double *sorted, size_t count,
                                unsigned percent)
{
    return per_mille(sorted, count, 10 * percent);
}

// How far the middle half of the sorted figures reaches, as a share of the
// median: 0.15 if three quarters of them are up to 15 % above the first
// quarter, roughly. 0 if there is only one.
static inline double spread(const double *sorted, size_t count)
{
    double median = percentile(sorted, count, 50);

    if (median == 0)
        return 0;
    return (percentile(sorted, count, 75) - percentile(sorted, count, 25)) /
           median;
}

// Times a second that something happens which happened so often in that many
// nanoseconds. 0 if no time went by: the clock was too coarse.
static inline double per_second(double count, int64_t nanoseconds)
{
    return nanoseconds <= 0 ? 0 : count * 1e9 / (double)nanoseconds;
}

// How often to do again what was done count times, to spend about `enough`
// nanoseconds on it: once at least, most at most, and never more than eight
// times as often, as the first times tell little.
static inline long repeat(long count, int64_t nanoseconds, int64_t enough,
                          long most)
{
    double n = 8.0 * (double)count;

    if (nanoseconds > 0 &&
        (double)count * (double)enough / (double)nanoseconds < n)
        n = (double)count * (double)enough / (double)nanoseconds;
    return n < 1 ? 1 : n > (double)most ? most : (long)n;
}

#endif
