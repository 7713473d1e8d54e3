/*
 * shm/lockfree_send.c -- put readings into a ring without locks.
 *
 * Shows:   A slot is filled where it is, and then counted: a store with release
 *          order. The receiver is woken only if it says that it sleeps.
 *
 * Run:     start shm/lockfree_recv.c first; its header has both commands
 *
 * Read:    ftok(3), shmdt(2), stdatomic.h(0p), futex(7)
 */
#define _GNU_SOURCE // sched_setaffinity; ring.h
#include <sys/shm.h>

#include "../common/program.h"
#include "lockfree.h"

static void check_receiver(struct ring_end *end, int segment)
{
    if (!segment_peer_attached(segment) && ring_update(end) == 0)
        errx(1, "the receiver has exited");
}

// Wait until the receiver has taken more.
static void wait_for_receiver(struct ring_end *end, int segment)
{
    if (ring_wait(end) == 0)
        return;
    if (errno != EAGAIN)
        err(1, "the receiver's count");
    check_receiver(end, segment);
}

// Break it: stay awake until the receiver has taken this one, so that the next
// comes just when the receiver goes to sleep, and depends on being woken.
static void wait_awake(struct ring_end *end, int segment)
{
    ring_publish(end);
    for (int i = 1; end->other != end->count; i = (i + 1) % 1000) {
        futex_pause();
        ring_update(end);
        if (i == 0)
            check_receiver(end, segment);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    int relaxed = false; // break it
    const struct option flags[] = {{"relaxed", no_argument, &relaxed, true},
                                   {0}};
    long count;
    if (!parse_flags(argc, argv, flags) || argc - optind != 2 ||
        !parse_long(argv[optind + 1], 0, 1000000000, &count))
        return usage(argc, argv, "lockfree_send [--relaxed] FILE COUNT");

    key_t key = ftok(argv[optind], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[optind]);
    int segment;
    struct ring *ring =
        segment_open(key, argv[optind], RING_MAGIC, sizeof *ring, &segment);
    if (!ring)
        return 1;
    struct ring_end end;
    if (!ring_join(&end, ring, RING_SENDER))
        errx(1, "%s: has a sender", argv[optind]);
    if (relaxed && !ring_relax(&end, 1))
        return 1;

    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        struct reading r = reading_or_end(seq, (uint32_t)count);

        while (ring_ready(&end) == 0)
            wait_for_receiver(&end, segment);
        reading_slot_fill(ring_slot(&end), &r);
        ring_next(&end);
        if (relaxed)
            wait_awake(&end, segment);
    }
    while (end.other != end.count) // until all is taken
        wait_for_receiver(&end, segment);

    if (shmdt(ring) == -1)
        err(1, "shmdt");
    return 0;
}
