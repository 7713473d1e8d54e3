/*
 * tests/test_slot.c -- what shm/slot.h promises.
 */
#include "unit.h"

#include "../shm/slot.h"

static void what_is_filled_in_comes_out(void **state)
{
    (void)state;
    struct reading r = reading_sample(7);
    struct reading_slot shared, copy;

    memset(&shared, 0xff, sizeof shared);
    reading_slot_fill(&shared, &r);
    reading_slot_read(&copy, &shared);

    assert_true(reading_slot_valid(&copy));
    assert_memory_equal(&copy.reading, &r, sizeof r);
    for (int i = 3; i < READING_SLOT_U64S; i++)
        assert_int_equal(copy.u64[i], 0);
}

static void nothing_is_no_reading(void **state)
{
    (void)state;
    struct reading_slot s = {0};

    assert_false(reading_slot_valid(&s));
}

// Wherever the writer is interrupted, the sum tells.
static void half_of_one_and_half_of_the_next_is_no_reading(void **state)
{
    (void)state;
    struct reading before = reading_sample(1), after = reading_sample(2);
    struct reading_slot old, new;
    reading_slot_fill(&old, &before);
    reading_slot_fill(&new, &after);

    for (size_t n = 0; n <= sizeof old; n++) {
        struct reading_slot torn = old;
        memcpy(&torn, &new, n);
        bool whole = memcmp(torn.u64, old.u64, sizeof old) == 0 ||
                     memcmp(torn.u64, new.u64, sizeof new) == 0;
        assert_int_equal(reading_slot_valid(&torn), whole);
    }
}

static void what_is_no_reading_is_refused_though_the_sum_is_right(void **state)
{
    (void)state;
    struct reading r = reading_sample(1);
    struct reading_slot s;

    memset(r.station, 'x', sizeof r.station);
    reading_slot_fill(&s, &r);
    assert_false(reading_slot_valid(&s));

    r = reading_sample(1);
    r.kind = 3;
    reading_slot_fill(&s, &r);
    assert_false(reading_slot_valid(&s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_filled_in_comes_out),
        cmocka_unit_test(nothing_is_no_reading),
        cmocka_unit_test(half_of_one_and_half_of_the_next_is_no_reading),
        cmocka_unit_test(what_is_no_reading_is_refused_though_the_sum_is_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
