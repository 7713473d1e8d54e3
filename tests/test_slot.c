/*
 * tests/test_slot.c -- what shm/slot.h promises.
 */
#include "unit.h"

#include "../shm/slot.h"

static void what_is_filled_in_comes_out(void **state)
{
    (void)state;
    struct reading r = reading_sample(7);
    struct slot shared, copy;

    memset(&shared, 0xff, sizeof shared);
    slot_fill(&shared, &r);
    slot_read(&copy, &shared);

    assert_true(slot_is_whole(&copy));
    assert_memory_equal(&copy.reading, &r, sizeof r);
    for (int i = 3; i < SLOT_WORDS; i++)
        assert_int_equal(copy.words[i], 0);
}

static void nothing_is_no_reading(void **state)
{
    (void)state;
    struct slot s = {0};

    assert_false(slot_is_whole(&s));
}

// Wherever the writer is interrupted, the sum tells.
static void half_of_one_and_half_of_the_next_is_no_reading(void **state)
{
    (void)state;
    struct reading before = reading_sample(1), after = reading_sample(2);
    struct slot old, new;
    slot_fill(&old, &before);
    slot_fill(&new, &after);

    for (size_t n = 0; n <= sizeof old; n++) {
        struct slot torn = old;
        memcpy(&torn, &new, n);
        bool whole = memcmp(torn.words, old.words, sizeof old) == 0 ||
                     memcmp(torn.words, new.words, sizeof new) == 0;
        assert_int_equal(slot_is_whole(&torn), whole);
    }
}

static void what_is_no_reading_is_refused_though_the_sum_is_right(void **state)
{
    (void)state;
    struct reading r = reading_sample(1);
    struct slot s;

    memset(r.station, 'x', sizeof r.station);
    slot_fill(&s, &r);
    assert_false(slot_is_whole(&s));

    r = reading_sample(1);
    r.kind = 3;
    slot_fill(&s, &r);
    assert_false(slot_is_whole(&s));
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
