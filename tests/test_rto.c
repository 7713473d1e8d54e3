/*
 * tests/test_rto.c -- what udp/rto.h promises, against traces that were
 * worked out by hand from the formulas of RFC 6298.
 */
#include "unit.h"

#include "../udp/rto.h"

#define MS INT64_C(1000)

static void before_any_answer_it_waits_as_told(void **state)
{
    (void)state;

    assert_int_equal(rto_start(1000 * MS, 10 * MS, 60000 * MS).timeout,
                     1000 * MS);
    assert_int_equal(rto_start(1 * MS, 10 * MS, 60000 * MS).timeout, 10 * MS);
}

static void the_first_answer_sets_mean_and_rttvar(void **state)
{
    (void)state;
    struct rto r = rto_start(1000 * MS, 10 * MS, 60000 * MS);

    rto_answered(&r, 100 * MS, 1); // srtt 100, rttvar 50: 100 + 4 * 50
    assert_int_equal(r.timeout, 300 * MS);
}

static void later_answers_count_by_eighths_and_quarters(void **state)
{
    (void)state;
    struct rto r = rto_start(1000 * MS, 10 * MS, 60000 * MS);

    rto_answered(&r, 100 * MS, 1);
    rto_answered(&r, 200 * MS, 1);
    // rttvar 3/4 * 50 + 1/4 * |100 - 200| = 62.5, with the old mean
    // mean      7/8 * 100 + 1/8 * 200        = 112.5
    assert_int_equal(r.rttvar, 62500);
    assert_int_equal(r.srtt, 112500);
    assert_int_equal(r.timeout, 362500);

    rto_answered(&r, 100 * MS, 1);
    // rttvar 3/4 * 62.5 + 1/4 * 12.5 = 50
    // mean      7/8 * 112.5 + 1/8 * 100 = 110.9375
    assert_int_equal(r.rttvar, 50000);
    assert_int_equal(r.srtt, 110937);
    assert_int_equal(r.timeout, 310937);
}

static void a_steady_round_trip_ends_at_itself(void **state)
{
    (void)state;
    struct rto r = rto_start(1000 * MS, 10 * MS, 60000 * MS);

    for (int i = 0; i < 100; i++)
        rto_answered(&r, 100 * MS, 1);
    // Nothing strays any more: what is left is the granularity of the clock.
    assert_int_equal(r.timeout, 100 * MS + RTO_GRANULARITY);
}

static void silence_doubles_it_up_to_the_bound(void **state)
{
    (void)state;
    struct rto r = rto_start(1000 * MS, 10 * MS, 3000 * MS);

    rto_expired(&r);
    assert_int_equal(r.timeout, 2000 * MS);
    rto_expired(&r);
    assert_int_equal(r.timeout, 3000 * MS);
    rto_expired(&r);
    assert_int_equal(r.timeout, 3000 * MS);
}

static void what_was_sent_twice_measures_nothing(void **state)
{
    (void)state;
    struct rto r = rto_start(1000 * MS, 10 * MS, 60000 * MS);

    rto_answered(&r, 100 * MS, 1);
    rto_expired(&r);
    rto_expired(&r);
    rto_answered(&r, 1 * MS, 3); // perhaps the answer to the first
    assert_int_equal(r.srtt, 100 * MS);
    assert_int_equal(r.timeout, 1200 * MS); // the long timeout stays

    rto_answered(&r, 100 * MS, 1); // until an answer is beyond doubt:
    // rttvar 3/4 * 50 = 37.5, mean 100
    assert_int_equal(r.timeout, 250 * MS);
}

static void a_fast_network_waits_the_least(void **state)
{
    (void)state;
    struct rto r = rto_start(1000 * MS, 10 * MS, 60000 * MS);

    rto_answered(&r, 50, 1);
    assert_int_equal(r.timeout, 10 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_any_answer_it_waits_as_told),
        cmocka_unit_test(the_first_answer_sets_mean_and_rttvar),
        cmocka_unit_test(later_answers_count_by_eighths_and_quarters),
        cmocka_unit_test(a_steady_round_trip_ends_at_itself),
        cmocka_unit_test(silence_doubles_it_up_to_the_bound),
        cmocka_unit_test(what_was_sent_twice_measures_nothing),
        cmocka_unit_test(a_fast_network_waits_the_least),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
