/*
 * tcp/httpd/clock.h -- milliseconds for time limits.
 */
#ifndef HTTPD_CLOCK_H
#define HTTPD_CLOCK_H

#include <time.h>

// Since some moment in the past: this clock is never set back or forward.
static inline long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

// What is left until then, for poll(2): 0 if it is over.
static inline int ms_until(long long then)
{
    long long left = then - now_ms();
    return left > 0 ? (int)left : 0;
}

#endif
