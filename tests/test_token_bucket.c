/*
 * tests/test_token_bucket.c -- what common/token_bucket.h promises.
 */
#include "unit.h"

#include "../common/token_bucket.h"

#define MS INT64_C(1000000)

static void a_full_bucket_lets_a_burst_go_and_no_more(void **state)
{
    (void)state;
    struct bucket b = bucket_start(1000 * MS, 200 * MS);

    assert_int_equal(bucket_take(&b, 1000 * MS, 100 * MS), 0);
    assert_int_equal(bucket_take(&b, 1000 * MS, 100 * MS), 0);
    assert_int_equal(bucket_take(&b, 1000 * MS, 100 * MS), 100 * MS);
}

static void what_is_missing_is_what_to_wait(void **state)
{
    (void)state;
    struct bucket b = bucket_start(0, 100 * MS);

    assert_int_equal(bucket_take(&b, 0, 100 * MS), 0);
    assert_int_equal(bucket_take(&b, 10 * MS, 26 * MS), 16 * MS);
    assert_int_equal(bucket_take(&b, 26 * MS - 1, 26 * MS), 1);
    assert_int_equal(bucket_take(&b, 26 * MS, 26 * MS), 0);
    assert_int_equal(bucket_take(&b, 26 * MS, 1), 1);
}

static void waiting_saves_no_more_than_it_holds(void **state)
{
    (void)state;
    struct bucket b = bucket_start(0, 100 * MS);

    assert_int_equal(bucket_take(&b, 0, 100 * MS), 0);
    // An hour later, as if the program had been stopped.
    assert_int_equal(bucket_take(&b, 3600000 * MS, 100 * MS), 0);
    assert_int_equal(bucket_take(&b, 3600000 * MS, 30 * MS), 30 * MS);
}

static void what_never_fits_needs_a_full_bucket_and_is_owed(void **state)
{
    (void)state;
    struct bucket b = bucket_start(0, 10 * MS);

    assert_int_equal(bucket_take(&b, 0, 350 * MS), 0);
    assert_int_equal(b.level, -340 * MS);
    assert_int_equal(bucket_take(&b, 0, 350 * MS), 350 * MS);
    assert_int_equal(bucket_take(&b, 350 * MS, 350 * MS), 0);
}

static void a_bucket_without_depth_still_keeps_the_pace(void **state)
{
    (void)state;
    struct bucket b = bucket_start(0, 0);
    int64_t now = 0;

    for (int i = 0; i < 100; i++) {
        int64_t wait = bucket_take(&b, now, 26 * MS);
        assert_int_equal(wait, i == 0 ? 0 : 26 * MS);
        now += wait;
        if (wait > 0)
            assert_int_equal(bucket_take(&b, now, 26 * MS), 0);
    }
}

static void a_clock_that_stands_or_goes_back_gives_nothing(void **state)
{
    (void)state;
    struct bucket b = bucket_start(100 * MS, 50 * MS);

    assert_int_equal(bucket_take(&b, 100 * MS, 50 * MS), 0);
    assert_int_equal(bucket_take(&b, 100 * MS, 5 * MS), 5 * MS);
    assert_int_equal(bucket_take(&b, 20 * MS, 5 * MS), 5 * MS);
    assert_int_equal(bucket_take(&b, 105 * MS, 5 * MS), 0);
}

// An hour of MP3 frames of 1152/44100 s, and a caller that always comes up to 3
// ms late: at the end it is behind by no more than the last delay.
static void late_callers_do_not_add_up(void **state)
{
    (void)state;
    const int64_t frame = 1152 * INT64_C(1000000000) / 44100;
    const int64_t depth = 200 * MS;
    struct bucket b = bucket_start(0, depth);
    int64_t now = 0, sent = 0;
    uint32_t noise = 1;

    for (int i = 0; i < 137812; i++) {
        int64_t wait;
        while ((wait = bucket_take(&b, now, frame)) > 0) {
            noise = noise * 1103515245 + 12345;
            now += wait + noise / 65536 % 3000 * INT64_C(1000);
        }
        sent += frame;
        assert_true(sent <= now + depth); // never too fast
    }
    assert_true(sent + 3 * MS >= now + depth - frame); // nor too slow
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_bucket_lets_a_burst_go_and_no_more),
        cmocka_unit_test(what_is_missing_is_what_to_wait),
        cmocka_unit_test(waiting_saves_no_more_than_it_holds),
        cmocka_unit_test(what_never_fits_needs_a_full_bucket_and_is_owed),
        cmocka_unit_test(a_bucket_without_depth_still_keeps_the_pace),
        cmocka_unit_test(a_clock_that_stands_or_goes_back_gives_nothing),
        cmocka_unit_test(late_callers_do_not_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
