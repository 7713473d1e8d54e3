// tests/ring_boost.cc -- boost::lockfree::spsc_queue for tests/ring_peers.c.
#include <boost/lockfree/spsc_queue.hpp>
#include <new>

#include "ring_peers.h"

using queue =
    boost::lockfree::spsc_queue<message,
                                boost::lockfree::capacity<RING_PEERS_SLOTS>>;

static queue *queues[2];

static void queues_open(void *memory)
{
    for (int i = 0; i < 2; i++)
        queues[i] = new (static_cast<queue *>(memory) + i) queue;
}

static void send(int where, long count)
{
    for (; count > 0; count--)
        while (!queues[where]->push(*ring_peers_out))
            ring_peers_pause();
}

static long receive(int where, long count)
{
    message in;
    long ones = 0;

    for (; count > 0; count--) {
        while (!queues[where]->pop(in))
            ring_peers_pause();
        RING_PEERS_USE(in);
        ones += in.ones;
    }
    return ones;
}

static size_t at_most(long count)
{
    return count < RING_PEERS_BATCH ? count : RING_PEERS_BATCH;
}

static void send_32(int where, long count)
{
    while (count > 0) {
        size_t n = queues[where]->push(ring_peers_out, at_most(count));
        count -= n;
        if (n == 0)
            ring_peers_pause();
    }
}

static long receive_32(int where, long count)
{
    message in[RING_PEERS_BATCH];
    long ones = 0;

    while (count > 0) {
        size_t n = queues[where]->pop(in, at_most(count));
        RING_PEERS_USE(in);
        for (size_t i = 0; i < n; i++)
            ones += in[i].ones;
        count -= n;
        if (n == 0)
            ring_peers_pause();
    }
    return ones;
}

const ring_peer ring_peer_boost = {"boost", queues_open, send, receive};
const ring_peer ring_peer_boost32 = {"boost-32", queues_open, send_32,
                                     receive_32};
