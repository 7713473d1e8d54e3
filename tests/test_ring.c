/*
 * tests/test_ring.c -- what shm/ring.h and common/futex.h promise.
 */
#define _GNU_SOURCE // MAP_ANONYMOUS
#include "unit.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../shm/ring.h"

// A ring with both counts at n, and its two ends.
static struct ring *ring_at(uint32_t n, struct ring_end *puts,
                            struct ring_end *takes)
{
    struct ring *ring = mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(ring, MAP_FAILED);
    assert_true(ring_join(puts, ring, RING_PUTS));
    assert_true(ring_join(takes, ring, RING_TAKES));

    ring->tail = ring->head = n;
    puts->count = puts->other = takes->count = takes->other = n;
    return ring;
}

static void each_role_is_given_once(void **state)
{
    (void)state;
    struct ring_end puts, takes, more;
    struct ring *ring = ring_at(0, &puts, &takes);

    assert_false(ring_join(&more, ring, RING_PUTS));
    assert_false(ring_join(&more, ring, RING_TAKES));
    munmap(ring, sizeof *ring);
}

// Every level, at every position of tail from a round of the ring before 2^32
// to a round behind it.
static void the_counts_may_go_through_zero(void **state)
{
    (void)state;
    struct ring_end puts, takes;
    struct ring *ring = ring_at(0, &puts, &takes);

    for (uint32_t n = 0; n <= 2 * RING_SLOTS; n++) {
        uint32_t tail = n - RING_SLOTS;
        for (uint32_t full = 0; full <= RING_SLOTS; full++) {
            ring->tail = puts.count = tail;
            ring->head = takes.count = tail - full;
            puts.other = tail - RING_SLOTS; // what either could have seen last
            takes.other = tail - full;

            if (ring_look(&puts) != (full < RING_SLOTS) ||
                ring_look(&takes) != (full > 0) ||
                ring_ready(&puts) != RING_SLOTS - full ||
                ring_ready(&takes) != full ||
                ring_slot(&puts) != &ring->slots[n % RING_SLOTS] ||
                ring_slot(&takes) !=
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
    struct ring_end puts, takes;
    struct ring *ring = ring_at(0, &puts, &takes);

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        takes.count = takes.other = puts.count = puts.other = counts[i];

        ring->tail = counts[i] + RING_SLOTS + 1; // more than fit
        assert_int_equal(ring_look(&takes), -1);
        assert_int_equal(errno, EPROTO);
        ring->tail = counts[i] - 1; // less than were taken
        assert_int_equal(ring_look(&takes), -1);
        assert_int_equal(ring_wait(&takes), -1);
        assert_int_equal(errno, EPROTO);
        assert_int_equal(ring_ready(&takes), 0);

        ring->head = counts[i] + 1; // taken before it was put in
        assert_int_equal(ring_look(&puts), -1);
        ring->head = counts[i] - RING_SLOTS - 1;
        assert_int_equal(ring_look(&puts), -1);
        assert_int_equal(ring_ready(&puts), RING_SLOTS);
    }
    munmap(ring, sizeof *ring);
}

static void whoever_waits_in_vain_is_told_so(void **state)
{
    (void)state;
    struct ring_end puts, takes;
    struct ring *ring = ring_at(0, &puts, &takes);

    assert_int_equal(ring_wait(&takes), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(takes.lost, 0);
    munmap(ring, sizeof *ring);
}

// Pass count readings from a child to us, from a little before 2^32 on. one:
// the child waits until each one is taken before it sends the next, and we go
// to sleep at once.
static void pass(uint32_t count, bool one)
{
    struct ring_end puts, takes;
    struct ring *ring = ring_at(UINT32_MAX - 10000, &puts, &takes);

    pid_t child = fork();
    assert_int_not_equal(child, -1);
    if (child == 0) {
        alarm(60); // should we fail
        for (uint32_t seq = 1; seq <= count; seq++) {
            struct reading r = reading_sample(seq);
            while (ring_ready(&puts) == 0)
                ring_wait(&puts);
            slot_fill(ring_slot(&puts), &r);
            ring_next(&puts);
            ring_publish(&puts);
            while (one && puts.other != puts.count)
                if (ring_look(&puts) == 0)
                    futex_pause();
        }
        _exit(puts.lost != 0);
    }

    takes.looks = one ? 0 : RING_LOOKS;
    for (uint32_t seq = 1; seq <= count; seq++) {
        struct slot slot;
        while (ring_ready(&takes) == 0)
            ring_wait(&takes);
        slot_read(&slot, ring_slot(&takes));
        ring_next(&takes);
        if (!slot_is_whole(&slot) || slot.reading.seq != seq)
            fail_msg("instead of %u: %u", seq, slot.reading.seq);
    }
    ring_publish(&takes);

    int outcome;
    waitpid(child, &outcome, 0);
    assert_int_equal(outcome, 0);
    assert_int_equal(takes.lost, 0);
    munmap(ring, sizeof *ring);
}

static void all_readings_come_whole_and_in_order(void **state)
{
    (void)state;
    pass(200000, false);
}

static void nobody_oversleeps(void **state)
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
        cmocka_unit_test(whoever_waits_in_vain_is_told_so),
        cmocka_unit_test(all_readings_come_whole_and_in_order),
        cmocka_unit_test(nobody_oversleeps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
