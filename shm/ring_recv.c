/*
 * shm/ring_recv.c -- take readings out of a ring in shared memory.
 *
 * Shows:   The bounded buffer, twice. With a semaphore set, any number of
 *          processes put in and take out: bounded.h. With --lock-free, one puts
 *          in and one takes out, and they call the kernel only when the ring is
 *          empty or full: shm/ring.h. That is a hundred times as fast.
 *
 * Run:     terminal 1 $ build/shm/ring_recv README.md
 *          terminal 2 $ build/shm/ring_send README.md 20000
 *
 * Prints:  ready on README.md
 *          20000 readings taken, <25.4> MB/s
 *          20000 of 20000 arrived
 *
 * Read:    shmget(2), semop(2), semctl(2), stdatomic.h(0p), futex(2), futex(7)
 */
#define _GNU_SOURCE // semtimedop
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "../common/ending.h"
#include "../common/program.h"
#include "bounded.h"
#include "ring.h"
#include "segment.h"
#include "semaphores.h"
#include "tally.h"

static int segment = -1;
static int set = -1; // none if it goes without semaphores

// Be a receiver no longer. True if it was the last: it removes what the first
// one made.
static bool leave(void)
{
    struct sembuf one_less = {RECEIVERS, -1, SEM_UNDO};
    static volatile sig_atomic_t left;

    if (set != -1 && !left) {
        left = true; // a signal may come right now
        semop(set, &one_less, 1);
    }
    if (set != -1 && semctl(set, RECEIVERS, GETVAL) > 0)
        return false;
    semctl(set, 0, IPC_RMID);
    shmctl(segment, IPC_RMID, NULL);
    return true;
}

static void leave_and_end(int number)
{
    leave();
    end_by(number);
}

// Take all there is. False if a sender died.
static bool take_with_semaphores(struct bounded *shared, struct tally *tally)
{
    struct slot slot;
    bool died = false;

    for (;;) {
        if (bounded_enter(set, shared, FULL) == -1) {
            if (errno != EAGAIN) {
                warn("semop");
                return false;
            }
            if (bounded_over(set, shared, &died))
                break;
            continue;
        }
        uint32_t at = shared->head % BOUNDED_SLOTS;
        slot_read(&slot, &shared->slots[at]);
        atomic_signal_fence(memory_order_seq_cst); // killed here: not taken
        shared->head++;
        if (bounded_leave(set, EMPTY) == -1) {
            warn("semop");
            return false;
        }
        if (!tally_add(tally, &slot) && bounded_over(set, shared, &died))
            break;
    }
    if (died)
        warnx("a sender died before its END");
    return !died;
}

// Nothing came for a while: false if nothing can come any more.
static bool sender_may_come(struct ring_end *end)
{
    if (errno != EAGAIN) {
        warn("the sender's count");
        return false;
    }
    if (atomic_load(&end->ring->owners[RING_PUTS]) == 0 ||
        !segment_alone(segment) || ring_look(end) == 1)
        return true;
    warnx("the sender is gone");
    return false;
}

// Take all there is. False if the sender died, or a wake-up was lost.
static bool take_without_locks(struct ring_end *end, struct tally *tally)
{
    struct slot slot;

    do {
        while (ring_ready(end) == 0)
            if (ring_wait(end) == -1 && !sender_may_come(end))
                return false;
        if (end->relaxed && end->lost > 0) {
            warnx("reading %" PRIu64 " was there, and nobody woke the receiver",
                  tally->arrived + 1);
            return false;
        }
        slot_read(&slot, ring_slot(end));
        ring_next(end);
    } while (tally_add(tally, &slot));
    ring_publish(end);
    return true;
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
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "ring_recv [--lock-free [--relaxed]] FILE");
    const char *path = argv[optind];

    key_t key = ftok(path, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", path);
    int lock = segment_lock(path);
    if (lock == -1)
        err(1, "lock %s", path);
    before_ending(leave_and_end);

    int others = lock_free ? -1 : semget(key, BOUNDED_SEMAPHORES, 0);
    if (others != -1 && bounded_join(others, false) == 0)
        set = others;
    bool first = set == -1;
    unsigned magic = lock_free ? RING_MAGIC : BOUNDED_MAGIC;
    size_t size = lock_free ? sizeof(struct ring) : sizeof(struct bounded);
    void *shared = first ? segment_make(key, path, magic, size, &segment)
                         : segment_find(key, path, magic, size, &segment);
    if (!shared)
        return 1;
    if (first && lock_free && semaphores_clear(key) == -1)
        err(1, "semaphores %s", path); // left by one that had some
    if (first && !lock_free) {
        set = semaphores_new(key, BOUNDED_SEMAPHORES);
        if (set == -1 || bounded_open(set) == -1)
            err(1, "semaphores %s", path);
    }
    close(lock);
    printf("ready on %s\n", path);

    struct tally tally = {0};
    bool well;
    if (lock_free) {
        struct ring_end end;
        ring_join(&end, shared, RING_TAKES);
        if (relaxed) { // and asleep at once
            end.relaxed = true;
            end.looks = 0;
        }
        well = take_without_locks(&end, &tally);
    } else {
        well = take_with_semaphores(shared, &tally);
    }

    tally_say(&tally);
    if (!lock_free)
        bounded_sum(shared, &tally);
    if (leave() && well)
        well = tally_is_even(&tally);
    return well ? 0 : 1;
}
