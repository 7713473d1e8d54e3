/*
 * tcp/stream_player/via_shm.c -- the stream goes through shared memory.
 *
 * A segment that is marked for removal, IPC_RMID, lives until the last process
 * detaches it: here it is marked at once, and the adapter inherits what is
 * attached. A set of semaphores beside it would stay behind; a futex is a word
 * of the segment, and goes with it.
 *
 * Read:    shmget(2), shmat(2), shmctl(2)
 */
#define _GNU_SOURCE // pipe2
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "../../common/clock.h"
#include "../../common/stream.h"
#include "../../common/termination.h"
#include "adapter.h"
#include "byte_ring.h"

static struct byte_ring *ring; // all 0: empty

static void pump(int to)
{
    const char *bytes;
    ptrdiff_t n;

    unblock_termination(); // SIGTERM ends it, and there is nothing to remove
    while ((n = byte_ring_look(ring, &bytes)) != -1) {
        if (n == 0) {
            byte_ring_await_bytes(ring);
            continue;
        }
        if (write_full(to, bytes, (size_t)n) == -1)
            return; // EPIPE: the decoder has closed its input
        byte_ring_took(ring, (size_t)n);
    }
}

static bool start(struct player *p, char *command[])
{
    block_termination();
    int segment = shmget(IPC_PRIVATE, sizeof *ring, 0600);
    if (segment != -1) {
        ring = shmat(segment, NULL, 0);
        shmctl(segment, IPC_RMID, NULL); // attached, it goes on to exist
    }
    if (segment == -1 || (intptr_t)ring == -1)
        warn("a segment");
    unblock_termination();
    return segment != -1 && (intptr_t)ring != -1 &&
           adapter_start(p, command, pump);
}

static int send_bytes(struct player *p, const char *bytes, size_t count)
{
    int64_t deadline = clock_us() + p->timeout_s * INT64_C(1000000);

    while (count > 0) {
        size_t n = byte_ring_put(ring, bytes, count);
        bytes += n;
        count -= n;
        if (n > 0)
            continue;
        byte_ring_await_room(ring);
        errno = !adapter_is_alive(p)     ? EPIPE
                : clock_us() >= deadline ? ETIMEDOUT
                                         : 0;
        if (errno != 0)
            return -1;
    }
    return 0;
}

static int end_stream(struct player *p)
{
    (void)p;
    byte_ring_end(ring);
    return 0;
}

const struct via via_shm = {"shm", start, send_bytes, end_stream, NULL};
