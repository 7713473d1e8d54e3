/*
 * tests/ring_peers.c -- shm/ring.h beside the rings of others, between two
 * processes on two cores: make bench-peers LESSON=ring.
 *
 *     ring_peers ROUNDS    prints SCENARIO WAY ROUND FIGURE UNIT, line by line
 *
 * All have 4096 slots of 64 bytes, and a message is copied in and out. If there
 * is nothing to do ours sleeps after a while; the others leave that to who
 * calls them, which here is a loop.
 *
 *     ring      shm/ring.h, as the lessons use it
 *     ck        Concurrency Kit's ck_ring, enqueue and dequeue: its reserve and
 *               commit are no faster
 *     boost     boost::lockfree::spsc_queue, push and pop
 *     boost-32  the same, 32 messages in a call
 *     line      no ring: one message, and in the same cache line a number that
 *               the other end waits for. Nothing is sooner there and back
 *
 * Without -DWITH_CK and -DWITH_BOOST it does without these.
 */
#define _GNU_SOURCE // sched_setaffinity
#include <err.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../common/bench/stats.h"
#include "../common/child.h"
#include "../common/clock.h"
#include "../shm/ring.h"
#include "ring_peers.h"

#define ONE_WAY 10000000L // messages
#define TRIPS 50000L      // there and back
#define MEMORY (2UL << 20)

enum { THERE, BACK };

struct message ring_peers_out[RING_PEERS_BATCH];

void ring_peers_pause(void)
{
    futex_pause();
}

// --- shm/ring.h

static struct ring_end sending[2], receiving[2];

static void ring_open(void *memory)
{
    struct ring *rings = memory;

    for (int i = 0; i < 2; i++)
        if (!ring_join(&sending[i], &rings[i], RING_SENDER) ||
            !ring_join(&receiving[i], &rings[i], RING_RECEIVER))
            errx(1, "the ring is taken");
}

static void ring_send(int where, long count)
{
    struct ring_end *end = &sending[where];

    for (; count > 0; count--, ring_next(end)) {
        while (ring_ready(end) == 0)
            ring_wait(end);
        memcpy(ring_slot(end), ring_peers_out, sizeof *ring_peers_out);
    }
    ring_publish(end);
}

static long ring_receive(int where, long count)
{
    struct ring_end *end = &receiving[where];
    struct message in;
    long ones = 0;

    for (; count > 0; count--, ring_next(end)) {
        while (ring_ready(end) == 0)
            ring_wait(end);
        memcpy(&in, ring_slot(end), sizeof in);
        RING_PEERS_USE(in);
        ones += (long)in.ones;
    }
    return ones;
}

// --- Concurrency Kit

#ifdef WITH_CK
#include <ck_ring.h>

// cppcheck-suppress unknownMacro
CK_RING_PROTOTYPE(message, message)

static struct ck {
    ck_ring_t ring;
    struct message slots[RING_PEERS_SLOTS];
} * cks;

static void ck_open(void *memory)
{
    cks = memory;
    for (int i = 0; i < 2; i++)
        ck_ring_init(&cks[i].ring, RING_PEERS_SLOTS);
}

static void ck_send(int where, long count)
{
    struct message out = *ring_peers_out;

    for (; count > 0; count--)
        while (!ck_ring_enqueue_spsc_message(&cks[where].ring, cks[where].slots,
                                             &out))
            ring_peers_pause();
}

static long ck_receive(int where, long count)
{
    struct message in;
    long ones = 0;

    for (; count > 0; count--) {
        while (!ck_ring_dequeue_spsc_message(&cks[where].ring, cks[where].slots,
                                             &in))
            ring_peers_pause();
        RING_PEERS_USE(in);
        ones += (long)in.ones;
    }
    return ones;
}
#endif

// --- no ring, for one message

struct line {
    _Alignas(64) atomic_ullong number; // of the message
    uint64_t rest[7];
};
static struct line *lines;
static unsigned long long sent[2], received[2];

static void line_open(void *memory)
{
    lines = memory;
    memset(sent, 0, sizeof sent);
    memset(received, 0, sizeof received);
}

static void line_send(int where, long count)
{
    (void)count;
    memcpy(lines[where].rest, ring_peers_out->rest, sizeof lines->rest);
    atomic_store_explicit(&lines[where].number, ++sent[where],
                          memory_order_release);
}

static long line_receive(int where, long count)
{
    struct line in;

    received[where]++;
    while (atomic_load_explicit(&lines[where].number, memory_order_acquire) !=
           received[where])
        futex_pause();
    memcpy(in.rest, lines[where].rest, sizeof in.rest);
    RING_PEERS_USE(in.rest);
    return count;
}

// --- all of them, in turn

static void pin(int which)
{
    static cpu_set_t all;
    cpu_set_t one;

    if (CPU_COUNT(&all) == 0)
        sched_getaffinity(0, sizeof all, &all);
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &all) && which-- == 0)
            CPU_SET(i, &one);
    if (sched_setaffinity(0, sizeof one, &one) == -1)
        errx(1, "it takes two cores");
}

// Start the other end, on the other core; this one may begin when it returns.
static pid_t start_other(const struct ring_peer *peer, long count, bool back)
{
    static void *memory;
    int ready[2];
    char byte = 0;
    pid_t parent = getpid();

    if (memory)
        munmap(memory, MEMORY);
    memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if ((intptr_t)memory == -1 || pipe(ready) == -1)
        err(1, "mmap, pipe");
    peer->open(memory);
    pin(0);
    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        long ones = 0;
        set_pdeathsig(parent, SIGKILL);
        pin(1);
        if (write(ready[1], &byte, 1) != 1)
            _exit(1);
        if (!back)
            ones = peer->receive(THERE, count);
        for (long i = 0; back && i < count; i++) {
            ones += peer->receive(THERE, 1);
            peer->send(BACK, 1);
        }
        _exit(ones != count);
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1)
        errx(1, "%s: the other end is gone", peer->name);
    close(ready[0]);
    return child;
}

static void finish(pid_t child, const struct ring_peer *peer)
{
    if (!child_succeeded(child, peer->name))
        exit(1);
}

// MB/s.
static double measure_one_way(const struct ring_peer *peer)
{
    const long bytes = ONE_WAY * (long)sizeof(struct message);
    pid_t child = start_other(peer, ONE_WAY, false);
    int64_t begin = clock_ns();

    peer->send(THERE, ONE_WAY);
    finish(child, peer);
    return (double)bytes * 1000 / (double)(clock_ns() - begin);
}

// ns, the median.
static double measure_round_trip(const struct ring_peer *peer)
{
    static double times[TRIPS];
    pid_t child = start_other(peer, TRIPS, true);
    int64_t last = clock_ns();

    for (long i = 0; i < TRIPS; i++) {
        peer->send(THERE, 1);
        peer->receive(BACK, 1);
        int64_t now = clock_ns();
        times[i] = (double)(now - last);
        last = now;
    }
    finish(child, peer);
    stats_sort(times, TRIPS);
    return percentile(times, TRIPS, 50);
}

int main(int argc, char *argv[])
{
    const struct ring_peer peers[] = {
        {"ring", ring_open, ring_send, ring_receive},
#ifdef WITH_CK
        {"ck", ck_open, ck_send, ck_receive},
#endif
#ifdef WITH_BOOST
        ring_peer_boost,
        ring_peer_boost32,
#endif
        {"line", line_open, line_send, line_receive},
    };
    if (argc != 2)
        errx(2, "usage: ring_peers ROUNDS");
    for (int i = 0; i < RING_PEERS_BATCH; i++)
        ring_peers_out[i].ones = 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int round = 1; round <= atoi(argv[1]); round++)
        for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
            const struct ring_peer *peer = &peers[i];
            if (peer->send != line_send)
                printf("one-way %s %d %.0f MB/s\n", peer->name, round,
                       measure_one_way(peer));
            printf("there-and-back %s %d %.0f ns\n", peer->name, round,
                   measure_round_trip(peer));
        }
    return 0;
}
