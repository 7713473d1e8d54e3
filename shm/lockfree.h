/*
 * shm/lockfree.h -- what lockfree_recv and lockfree_send share: the ring, and
 *                   what --relaxed needs.
 *
 * Define _GNU_SOURCE before the first #include: sched_setaffinity.
 */
#ifndef SHM_LOCKFREE_H
#define SHM_LOCKFREE_H

#include <err.h>
#include <sched.h>
#include <string.h>

#include "counter.h"
#include "ring.h"

// Break it: order no accesses, and run on the n-th of the processors that this
// process may use. Each end needs one of its own: a switch from one process to
// the other empties the store buffer. False, with the reason on stderr, if
// there are not that many.
static inline bool ring_relax(struct ring_end *end, int n)
{
    static char uncached[RING_UNCACHED_SIZE];
    cpu_set_t allowed, one;

    end->uncached = uncached;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == -1) {
        warn("--relaxed");
        return false;
    }
    if (CPU_COUNT(&allowed) < 2) {
        warnx("--relaxed shows nothing on one processor");
        return false;
    }
    CPU_ZERO(&one);
    for (size_t cpu = 0; n >= 0 && cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && n-- == 0)
            CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) == 0)
        return true;
    warn("sched_setaffinity");
    return false;
}

#endif
