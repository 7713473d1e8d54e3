/*
 * tcp/httpd/deadline.h -- milliseconds for time limits.
 */
#ifndef HTTPD_DEADLINE_H
#define HTTPD_DEADLINE_H

#include "../../common/clock.h"

static inline long long now_ms(void)
{
    return clock_us() / 1000;
}

// What is left until then, for poll(2): 0 if it is over.
static inline int ms_until(long long then)
{
    long long left = then - now_ms();
    return left > 0 ? (int)left : 0;
}

#endif
