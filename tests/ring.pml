/*
 * tests/ring.pml -- a model of shm/ring.h and common/futex.h: can a reading
 *                   come wrong, or an end be left asleep?
 *
 *     sh tests/prove.sh ring    all orders of events, and every mutation
 *
 * The indices are computed by ring.h itself, whose ring has 4 slots here, and
 * batches of 2; its counts begin just before 2^32. What the model adds is
 * memory as processors have it. A store first goes into a buffer of its end;
 * the other end sees it when it leaves that, any time later, and in any order,
 * except where ring.h asks for one. So each order that it asks for can be left
 * out:
 *
 *     -DNO_RELEASE   a count may be seen before the slots that it counts
 *     -DNO_RELEASE_2 the same at the receiver: a slot is read after all
 *     -DNO_ACQUIRE   a slot may be read before the count that is loaded first
 *     -DSET_RELAXED  a count may be seen after the flag is loaded
 *     -DFLAG_RELAXED a flag may be seen after the count is loaded
 *     -DSLEEP_ON_COUNT  no order, but a mistake of the first version: it slept
 *                    until the count was another, not until the flag was 0
 */
#define READINGS 7

c_decl {
\#define COMMON_FUTEX_H /* its two calls would block; see publish() */
\#include <stdatomic.h>
\#include <stdbool.h>
\#include <stdint.h>
static int publishes;
static uint32_t stored;
static void futex_set(atomic_uint *word, uint32_t value, atomic_uint *flag,
                      bool relaxed)
{
    (void)word, (void)flag, (void)relaxed;
    publishes = 1;
    stored = value;
}
static bool futex_sleep(atomic_uint *word, uint32_t seen, atomic_uint *flag,
                        bool relaxed)
{
    (void)word, (void)seen, (void)flag, (void)relaxed;
    return true;
}
static void futex_pause(void)
{
}
\#include <sched.h>
\#define sched_getcpu() 0 /* or where spin runs would be a state */
\#include "shm/ring.h"

static struct ring memory; /* what both ends see */
static struct ring_end ends[2];
static struct {            /* what only the end that stored it sees */
    uint32_t count[2];
    bool has_count[2], has_flag[2];
    uint8_t slot[RING_SLOTS];
} buffer;
static struct reading_slot *late;

static void drain_slot(int i)
{
    if (buffer.slot[i])
        memory.slots[i].reading.seq = buffer.slot[i];
    buffer.slot[i] = 0;
}

static void drain_count(int role)
{
#ifndef NO_RELEASE
    for (int i = 0; role == RING_SENDER && i < 4; i++)
        drain_slot(i);
#endif
    if (buffer.has_count[role])
        *ring_count(&ends[role], role) = buffer.count[role];
    buffer.has_count[role] = false;
}

static void drain_flag(int role)
{
    if (buffer.has_flag[role])
        memory.waiting[role] = 1;
    buffer.has_flag[role] = false;
}

static void store_slot(unsigned n)
{
    int i = (int)(ring_slot(&ends[0]) - memory.slots);

    drain_slot(i); /* stores to one place stay in order */
    buffer.slot[i] = (uint8_t)n;
}

static unsigned load_slot(void)
{
    return ring_slot(&ends[1])->reading.seq;
}

static void store_count(int role)
{
    buffer.count[role] = stored; /* an earlier one was perhaps never seen */
    buffer.has_count[role] = true;
#ifndef SET_RELAXED
    drain_count(role);
#endif
}

static void store_flag(int role)
{
    buffer.has_flag[role] = true;
#ifndef FLAG_RELAXED
    drain_flag(role);
#endif
}

static int has_grown(int role)
{
    return *ring_count(&ends[role], !role) != ends[role].other;
}

/* As its own end sees it, buffer or not. */
static int is_published(int role)
{
    uint32_t published = buffer.has_count[role]
                             ? buffer.count[role]
                             : *ring_count(&ends[role], role);

    return published == ends[role].count;
}

/* spin wants no parentheses in an expression. */
\#define PUBLISHED_0 is_published(0)
\#define PUBLISHED_1 is_published(1)
\#define GROWN_0 has_grown(0)
\#define GROWN_1 has_grown(1)
\#define READY_0 ring_ready(&ends[0])
\#define READY_1 ring_ready(&ends[1])
\#define ALL_TAKEN (ends[0].other == ends[0].count)

/* Whether the kernel lets it sleep. */
static int stays_asleep(int role)
{
#ifdef SLEEP_ON_COUNT
    return !has_grown(role);
#else
    return memory.waiting[role] == 1;
#endif
}

static void set_up(void)
{
    for (int role = 0; role < 2; role++) {
        ring_join(&ends[role], &memory, role);
        ends[role].count = ends[role].other = UINT32_MAX - 2;
    }
    memory.tail = memory.head = UINT32_MAX - 2;
}
}
c_track "&memory" "sizeof memory"
c_track "ends" "sizeof ends"
c_track "&buffer" "sizeof buffer"
c_track "&late" "sizeof late"

bit asleep[2], publish_0, publish_1, taken_0, taken_1, refused;

/* Stores leave their buffers, in no hurry. */
#define LEAVE(there, how) :: atomic { c_expr { there } -> c_code { how; } }

proctype store_buffers()
{
end:
    do
    LEAVE(buffer.slot[0], drain_slot(0))
    LEAVE(buffer.slot[1], drain_slot(1))
    LEAVE(buffer.slot[2], drain_slot(2))
    LEAVE(buffer.slot[3], drain_slot(3))
    LEAVE(buffer.has_count[0], drain_count(0))
    LEAVE(buffer.has_count[1], drain_count(1))
    LEAVE(buffer.has_flag[0], drain_flag(0))
    LEAVE(buffer.has_flag[1], drain_flag(1))
    od
}

/* ring_next() and ring_publish() of one end; then what futex_set() does, if
 * they call it: store the count, load the flag, exchange it, wake. */
#define PUBLISH(call, me, other)                                               \
    atomic {                                                                   \
        c_code {                                                               \
            publishes = 0;                                                     \
            call(&ends[me]);                                                   \
            now.publish_##me = publishes;                                      \
            if (publishes)                                                     \
                store_count(me);                                               \
        }                                                                      \
    }                                                                          \
    if                                                                         \
    :: publish_##me ->                                                         \
        if                                                                     \
        :: atomic { c_expr { memory.waiting[other] } ->                        \
               c_code { drain_count(me); now.taken_##me = memory.waiting[other]; \
                        memory.waiting[other] = 0; } }                         \
            if                                                                 \
            :: taken_##me -> asleep[other] = 0                                 \
            :: else                                                            \
            fi                                                                 \
        :: c_expr { !memory.waiting[other] }                                   \
        fi                                                                     \
    :: else                                                                    \
    fi

/* ring_wait(), without the looks before it sleeps. Nothing but a wake-up ends
 * the sleep: the time limit is left out. */
#define WAIT(me, other)                                                        \
    if                                                                         \
    :: c_expr { !PUBLISHED_##me } -> PUBLISH(ring_publish, me, other)          \
    :: c_expr { PUBLISHED_##me }                                               \
    fi;                                                                        \
    atomic { c_code { store_flag(me); } }                                      \
    if                                                                         \
    :: c_expr { !GROWN_##me } ->           \
        atomic { c_code { drain_flag(me);                                      \
                          now.asleep[me] = stays_asleep(me); } }               \
        asleep[me] == 0                                                        \
    :: c_expr { GROWN_##me }              \
    fi;                                                                        \
    atomic { c_code { drain_flag(me); memory.waiting[me] = 0; } }              \
    UPDATE(me)

#define UPDATE(me)                                                             \
    atomic {                                                                   \
        c_code {                                                               \
            int grown = ring_update(&ends[me]);                                \
            now.refused = now.refused || grown == -1 ||                        \
                          (grown == 1 && ring_ready(&ends[me]) == 0);          \
        };                                                                     \
        assert(!refused)                                                       \
    }

proctype sends()
{
    byte n;

    for (n : 1 .. READINGS) {
        do
        :: c_expr { !READY_0 } -> WAIT(0, 1)
        :: c_expr { READY_0 } -> break
        od;
        c_code { store_slot(Psends->n); };
        PUBLISH(ring_next, 0, 1)
    }
    do /* until all is taken */
    :: c_expr { !ALL_TAKEN } -> WAIT(0, 1)
    :: c_expr { ALL_TAKEN } -> break
    od
}

proctype receives()
{
    byte n, early, got;

    for (n : 1 .. READINGS) {
#ifdef NO_ACQUIRE
        c_code { Preceives->early = load_slot(); };
#endif
        do
        :: c_expr { !READY_1 } -> WAIT(1, 0)
        :: c_expr { READY_1 } -> break
        od;
#ifdef NO_RELEASE_2
        c_code { late = ring_slot(&ends[1]); };
        PUBLISH(ring_next, 1, 0);
        c_code { Preceives->got = late->reading.seq; };
#else
        c_code { Preceives->got = load_slot(); };
#ifdef NO_ACQUIRE
        if
        :: got = early
        :: true
        fi;
#endif
        PUBLISH(ring_next, 1, 0);
#endif
        assert(got == n)
    }
    PUBLISH(ring_publish, 1, 0)
}

init {
    atomic {
        c_code { set_up(); };
        run store_buffers();
        run sends();
        run receives()
    }
}
