/*
 * shm/ring_send.c -- put readings into a ring in shared memory.
 *
 * Shows:   A sender that is faster than the receiver waits when the ring is
 *          full, as on a pipe; but how full, and where, is for the processes to
 *          agree on: the kernel knows nothing of rings.
 *
 * Run:     start shm/ring_recv.c first; its header has both commands
 *
 * Read:    shmget(2), semop(2), stdatomic.h(0p), futex(2), futex(7)
 */
#define _GNU_SOURCE // semtimedop
#include <err.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "bounded.h"
#include "ring.h"
#include "segment.h"
#include "semaphores.h"
#include "slot.h"

// Fill a slot with the seq-th of count readings, and after those with END.
static void fill(struct slot *slot, uint32_t seq, uint32_t count)
{
    struct reading r = reading_sample(seq);

    if (seq > count)
        r = (struct reading){.kind = READING_END, .seq = count};
    slot_fill(slot, &r);
}

static void send_with_semaphores(struct bounded *shared, int set,
                                 uint32_t count)
{
    if (bounded_join(set, true) == -1)
        errx(1, "there is no receiver");

    for (uint32_t seq = 1; seq <= count + 1; seq++) {
        while (bounded_enter(set, shared, EMPTY) == -1)
            if (errno != EAGAIN || semctl(set, RECEIVERS, GETVAL) < 1)
                errx(1, "the receiver is gone");
        fill(&shared->slots[shared->tail % BOUNDED_SLOTS], seq, count);
        shared->begun = true;
        atomic_signal_fence(memory_order_seq_cst); // killed here: not put in
        shared->tail++;
        if ((seq <= count ? bounded_leave(set, FULL)
                          : bounded_leave_for_good(set)) == -1)
            errx(1, "the receiver is gone");
    }
}

// Wait until the receiver has taken more.
static void wait_for_receiver(struct ring_end *end, int segment)
{
    if (ring_wait(end) == 0)
        return;
    if (errno != EAGAIN)
        err(1, "the receiver's count");
    if (segment_alone(segment) && ring_look(end) == 0)
        errx(1, "the receiver is gone");
}

// Break it: stay awake until the receiver has taken this one, so that the next
// comes just when the receiver goes to sleep, and depends on being woken.
static void wait_awake(struct ring_end *end)
{
    ring_publish(end);
    for (int i = 0; i < 1000000 && end->other != end->count; i++) {
        futex_pause();
        ring_look(end);
    }
}

static void send_without_locks(struct ring_end *end, int segment,
                               uint32_t count)
{
    time_t limit = time(NULL) + 3;

    for (uint32_t seq = 1; seq <= count + 1; seq++) {
        while (ring_ready(end) == 0)
            wait_for_receiver(end, segment);
        fill(ring_slot(end), seq, count);
        ring_next(end);

        if (end->relaxed)
            wait_awake(end);
        if (end->relaxed && seq < count && time(NULL) >= limit)
            count = seq; // enough: the machine does not show it
    }
    while (end->other != end->count) // until all is taken
        wait_for_receiver(end, segment);
}

int main(int argc, char *argv[])
{
    program_start();
    int lock_free = false, relaxed = false;
    const struct option flags[] = {
        {"lock-free", no_argument, &lock_free, true},
        {"relaxed", no_argument, &relaxed, true},
        {0},
    };
    long count;
    if (!parse_flags(argc, argv, flags) || argc - optind != 2 ||
        !parse_long(argv[optind + 1], 0, 1000000000, &count))
        return usage(argc, argv,
                     "ring_send [--lock-free [--relaxed]] FILE COUNT");
    const char *path = argv[optind];

    key_t key = ftok(path, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", path);
    int segment;
    unsigned magic = lock_free ? RING_MAGIC : BOUNDED_MAGIC;
    size_t size = lock_free ? sizeof(struct ring) : sizeof(struct bounded);
    void *shared = segment_find(key, path, magic, size, &segment);
    if (!shared)
        return 1;

    if (lock_free) {
        struct ring_end end;
        if (!ring_join(&end, shared, RING_PUTS))
            errx(1, "%s: has a sender", path);
        end.relaxed = relaxed;
        send_without_locks(&end, segment, (uint32_t)count);
    } else {
        int set = semget(key, BOUNDED_SEMAPHORES, 0);
        if (set == -1)
            err(1, "semget %s: is the receiver running?", path);
        send_with_semaphores(shared, set, (uint32_t)count);
    }

    if (shmdt(shared) == -1)
        err(1, "shmdt");
    return 0;
}
