/*
 * shm/lockfree_recv.c -- take readings out of a ring without locks.
 *
 * Shows:   One process puts in, one takes out: then nothing needs a lock, and
 *          both call the kernel only when the ring is empty or full. What is
 *          left is the order of loads and stores, see ring.h. A hundred times
 *          as fast as ring_recv.
 *
 * Run:     terminal 1 $ build/shm/lockfree_recv README.md
 *          terminal 2 $ build/shm/lockfree_send README.md 1000000
 *
 * Prints:  ready on README.md
 *          1000000 readings received, <1392.4> MB/s
 *          1000000 of 1000000 arrived
 *
 * Read:    ftok(3), shmget(2), shmat(2), shmctl(2), stdatomic.h(0p), futex(7)
 */
#define _GNU_SOURCE // sched_setaffinity; ring.h
#include <stdio.h>
#include <sys/shm.h>

#include "../common/program.h"
#include "lockfree.h"

static int segment = -1;

// Wait for the next reading. Ten times a second, see whether there is a sender.
static bool wait_for_sender(struct ring_end *end)
{
    while (ring_ready(end) == 0) {
        if (ring_wait(end) == 0)
            continue;
        if (errno != EAGAIN) {
            warn("the sender's count");
            return false;
        }
        if (atomic_load(&end->ring->owners[RING_SENDER]) != 0 &&
            !segment_peer_attached(segment) && ring_update(end) == 0) {
            warnx("the sender has exited");
            return false;
        }
    }
    return true;
}

// Take all there is. False if the sender died, or a wake-up was lost.
static bool receive(struct ring_end *end, struct counter *counter)
{
    struct reading_slot slot;

    do {
        if (!wait_for_sender(end))
            return false;
        if (end->uncached && end->lost > 0) {
            warnx("reading %" PRIu64 " was there, and no wake-up came",
                  counter->arrived + 1);
            return false;
        }
        reading_slot_read(&slot, ring_slot(end));
        ring_next(end);
    } while (counter_add(counter, &slot));
    ring_publish(end);
    if (end->uncached)
        warnx("--relaxed: no wake-up was lost this time");
    return !end->uncached;
}

int main(int argc, char *argv[])
{
    program_start();
    int relaxed = false; // break it
    const struct option flags[] = {{"relaxed", no_argument, &relaxed, true},
                                   {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "lockfree_recv [--relaxed] FILE");
    const char *path = argv[optind];

    key_t key = ftok(path, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", path);
    int lock = segment_lock(path);
    if (lock == -1 || !segment_clear(key, path)) // of a killed receiver
        return 1;
    block_termination(); // until the id is stored
    segment = shmget(key, sizeof(struct ring), IPC_CREAT | IPC_EXCL | 0600);
    if (segment == -1)
        errx(1, "shmget %s: %s", path, ipc_strerror(errno));
    segment_remove_at_end(segment);
    struct ring *ring = shmat(segment, NULL, 0);
    if ((intptr_t)ring == -1)
        err(1, "shmat");
    segment_label(&ring->header, RING_MAGIC, sizeof *ring);

    struct ring_end end;
    ring_join(&end, ring, RING_RECEIVER);
    if (relaxed) {
        end.spins = 0; // sleep at once
        if (!ring_relax(&end, 0))
            return 1;
    }
    close(lock);
    program_ready("ready on %s\n", path);

    struct counter counter = {0};
    bool ok = receive(&end, &counter);
    counter_print(&counter);
    if (ok)
        ok = counter_complete(&counter);
    if (shmctl(segment, IPC_RMID, NULL) == -1)
        err(1, "shmctl");
    return ok ? 0 : 1;
}
