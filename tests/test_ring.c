/*
 * tests/test_ring.c -- what shm/ring.h and common/futex.h promise.
 */
#define _GNU_SOURCE // MAP_ANONYMOUS; ring.h
#include "unit.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../shm/ring.h"

// A ring with both counts at n, and its two ends.
static struct ring *ring_at(uint32_t n, struct ring_end *sender,
                            struct ring_end *receiver)
{
    struct ring *ring = mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(ring, MAP_FAILED);
    assert_true(ring_join(sender, ring, RING_SENDER));
    assert_true(ring_join(receiver, ring, RING_RECEIVER));

    ring->tail = ring->head = n;
    sender->count = sender->other = receiver->count = receiver->other = n;
    return ring;
}

static void each_role_is_given_once(void **state)
{
    (void)state;
    struct ring_end sender, receiver, more;
    struct ring *ring = ring_at(0, &sender, &receiver);

    assert_false(ring_join(&more, ring, RING_SENDER));
    assert_false(ring_join(&more, ring, RING_RECEIVER));
    munmap(ring, sizeof *ring);
}

// Every level, at every position of tail from a round of the ring before 2^32
// to a round behind it.
static void the_counts_may_go_through_zero(void **state)
{
    (void)state;
    struct ring_end sender, receiver;
    struct ring *ring = ring_at(0, &sender, &receiver);

    for (uint32_t n = 0; n <= 2 * RING_SLOTS; n++) {
        uint32_t tail = n - RING_SLOTS;
        for (uint32_t full = 0; full <= RING_SLOTS; full++) {
            ring->tail = sender.count = tail;
            ring->head = receiver.count = tail - full;
            sender.other =
                tail - RING_SLOTS; // what either could have seen last
            receiver.other = tail - full;

            if (ring_update(&sender) != (full < RING_SLOTS) ||
                ring_update(&receiver) != (full > 0) ||
                ring_ready(&sender) != RING_SLOTS - full ||
                ring_ready(&receiver) != full ||
                ring_slot(&sender) != &ring->slots[n % RING_SLOTS] ||
                ring_slot(&receiver) !=
                    &ring->slots[(n + RING_SLOTS - full) % RING_SLOTS])
                fail_msg("tail %u, %u full", tail, full);
        }
    }
    munmap(ring, sizeof *ring);
}

static void a_count_that_cannot_be_is_refused(void **state)
{
    (void)state;
    const uint32_t counts[] = {0, 1, RING_SLOTS, UINT32_MAX, 1u << 31};
    struct ring_end sender, receiver;
    struct ring *ring = ring_at(0, &sender, &receiver);

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        receiver.count = receiver.other = sender.count = sender.other =
            counts[i];

        ring->tail = counts[i] + RING_SLOTS + 1; // more than fit
        assert_int_equal(ring_update(&receiver), -1);
        assert_int_equal(errno, EPROTO);
        ring->tail = counts[i] - 1; // less than were taken
        assert_int_equal(ring_update(&receiver), -1);
        assert_int_equal(ring_wait(&receiver), -1);
        assert_int_equal(errno, EPROTO);
        assert_int_equal(ring_ready(&receiver), 0);

        ring->head = counts[i] + 1; // taken before it was put in
        assert_int_equal(ring_update(&sender), -1);
        ring->head = counts[i] - RING_SLOTS - 1;
        assert_int_equal(ring_update(&sender), -1);
        assert_int_equal(ring_ready(&sender), RING_SLOTS);
    }
    munmap(ring, sizeof *ring);
}

static void a_wait_without_a_change_ends_with_EAGAIN(void **state)
{
    (void)state;
    struct ring_end sender, receiver;
    struct ring *ring = ring_at(0, &sender, &receiver);

    assert_int_equal(ring_wait(&receiver), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(receiver.lost, 0);
    munmap(ring, sizeof *ring);
}

// With the other end on another core it spins as long as a wake-up takes; not
// for ever, and not again after a long wait, or with both ends on one core.
static void a_wait_spins_only_where_that_may_help(void **state)
{
    (void)state;
    struct ring_end sender, receiver;
    struct ring *ring = ring_at(0, &sender, &receiver);

    receiver.spins = 1;
    ring->tail_core = -1; // another one, whatever ours is
    int64_t start = clock_ns();
    assert_int_equal(ring_spin(&receiver), 0);
    assert_true(clock_ns() - start >= RING_SPIN_NS);

    ring->tail = 1;
    assert_int_equal(ring_wait(&receiver), 0);
    assert_false(receiver.long_wait);
    clock_t used = clock();
    for (int i = 0; i < 3; i++) // 0.1 s each
        assert_int_equal(ring_wait(&receiver), -1);
    assert_true(receiver.long_wait);
    assert_true(clock() - used < CLOCKS_PER_SEC / 50);
    munmap(ring, sizeof *ring);
}

// Pass count readings from a child to us, from a little before 2^32 on. one:
// the child waits until each one is taken before it sends the next, and we go
// to sleep at once.
static void pass(uint32_t count, bool one)
{
    struct ring_end sender, receiver;
    struct ring *ring = ring_at(UINT32_MAX - 10000, &sender, &receiver);

    pid_t child = fork();
    assert_int_not_equal(child, -1);
    if (child == 0) {
        alarm(60); // should we fail
        for (uint32_t seq = 1; seq <= count; seq++) {
            struct reading r = reading_sample(seq);
            while (ring_ready(&sender) == 0)
                ring_wait(&sender);
            reading_slot_fill(ring_slot(&sender), &r);
            ring_next(&sender);
            ring_publish(&sender);
            while (one && sender.other != sender.count)
                if (ring_update(&sender) == 0)
                    futex_pause();
        }
        _exit(sender.lost != 0);
    }

    receiver.spins = one ? 0 : RING_SPINS;
    for (uint32_t seq = 1; seq <= count; seq++) {
        struct reading_slot slot;
        while (ring_ready(&receiver) == 0)
            ring_wait(&receiver);
        reading_slot_read(&slot, ring_slot(&receiver));
        ring_next(&receiver);
        if (!reading_slot_valid(&slot) || slot.reading.seq != seq)
            fail_msg("instead of %u: %u", seq, slot.reading.seq);
    }
    ring_publish(&receiver);

    int outcome;
    waitpid(child, &outcome, 0);
    assert_int_equal(outcome, 0);
    assert_int_equal(receiver.lost, 0);
    munmap(ring, sizeof *ring);
}

static void all_readings_come_whole_and_in_order(void **state)
{
    (void)state;
    pass(200000, false);
}

static void no_wake_up_is_lost(void **state)
{
    (void)state;
    pass(20000, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_is_given_once),
        cmocka_unit_test(the_counts_may_go_through_zero),
        cmocka_unit_test(a_count_that_cannot_be_is_refused),
        cmocka_unit_test(a_wait_without_a_change_ends_with_EAGAIN),
        cmocka_unit_test(a_wait_spins_only_where_that_may_help),
        cmocka_unit_test(all_readings_come_whole_and_in_order),
        cmocka_unit_test(no_wake_up_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
