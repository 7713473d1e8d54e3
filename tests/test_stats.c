/*
 * tests/test_stats.c -- what common/bench/stats.h promises.
 */
#include "unit.h"

#include "../common/bench/stats.h"

static void the_median_is_one_of_those_measured(void **state)
{
    (void)state;
    const double odd[] = {1, 2, 30}, even[] = {1, 2, 30, 40};

    assert_float_equal(percentile(odd, 3, 50), 2, 0);
    assert_float_equal(percentile(even, 4, 50), 2, 0);
    assert_float_equal(percentile(odd, 1, 50), 1, 0);
}

static void a_percentile_is_the_nearest_rank(void **state)
{
    (void)state;
    double figures[200];

    for (int i = 0; i < 200; i++)
        figures[i] = i + 1;
    assert_float_equal(percentile(figures, 200, 50), 100, 0);
    assert_float_equal(percentile(figures, 200, 90), 180, 0);
    assert_float_equal(percentile(figures, 200, 99), 198, 0);
    assert_float_equal(per_mille(figures, 200, 990), 198, 0);
    assert_float_equal(per_mille(figures, 200, 995), 199, 0);
    assert_float_equal(per_mille(figures, 200, 999), 200, 0);
    assert_float_equal(percentile(figures, 200, 100), 200, 0);
    assert_float_equal(percentile(figures, 200, 0), 1, 0);
    // Rounded up: of 150, 99 in a hundred are 148.5.
    assert_float_equal(percentile(figures, 150, 99), 149, 0);
}

static void of_few_figures_the_worst_is_the_99th(void **state)
{
    (void)state;
    const double figures[] = {1, 1, 1, 1, 70};

    assert_float_equal(percentile(figures, 5, 90), 70, 0);
    assert_float_equal(percentile(figures, 5, 99), 70, 0);
}

static void of_nothing_everything_is_0(void **state)
{
    (void)state;

    assert_float_equal(percentile(NULL, 0, 99), 0, 0);
    assert_float_equal(spread(NULL, 0), 0, 0);
}

static void they_are_sorted_as_numbers(void **state)
{
    (void)state;
    double figures[] = {10, 9, -1, 0.5, 9.5};
    const double sorted[] = {-1, 0.5, 9, 9.5, 10};

    stats_sort(figures, 5);
    assert_memory_equal(figures, sorted, sizeof sorted);
}

static void the_spread_is_that_of_the_middle_half(void **state)
{
    (void)state;
    const double calm[] = {1, 98, 100, 102, 9999};
    const double wild[] = {50, 60, 100, 150, 160};
    const double zero[] = {0, 0, 0};

    assert_float_equal(spread(calm, 5), 0.04, 1e-9);
    assert_float_equal(spread(wild, 5), 0.90, 1e-9);
    assert_float_equal(spread(wild, 1), 0, 0);
    assert_float_equal(spread(zero, 3), 0, 0);
}

static void a_rate_is_per_second(void **state)
{
    (void)state;

    assert_float_equal(per_second(3, 1000000000), 3, 1e-9);
    assert_float_equal(per_second(1, 250), 4e6, 1e-3);
    // More bytes than fit into 32 bits, in less than a second.
    assert_float_equal(per_second(6e9, 500000000), 12e9, 1);
    assert_float_equal(per_second(3, 0), 0, 0);
    assert_float_equal(per_second(3, -1), 0, 0);
}

static void work_is_repeated_for_as_long_as_is_enough(void **state)
{
    (void)state;

    assert_int_equal(repeat(100, 1000, 5000, 1000000), 500);
    assert_int_equal(repeat(100, 5000, 1000, 1000000), 20);
    // By leaps of eight, as long as it is far from enough; or at once, where
    // the clock has not moved.
    assert_int_equal(repeat(100, 10, 5000, 1000000), 800);
    assert_int_equal(repeat(100, 0, 5000, 1000000), 800);
    // Within bounds.
    assert_int_equal(repeat(1, 9999, 100, 1000000), 1);
    assert_int_equal(repeat(100, 1000, 5000, 300), 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_median_is_one_of_those_measured),
        cmocka_unit_test(a_percentile_is_the_nearest_rank),
        cmocka_unit_test(of_few_figures_the_worst_is_the_99th),
        cmocka_unit_test(of_nothing_everything_is_0),
        cmocka_unit_test(they_are_sorted_as_numbers),
        cmocka_unit_test(the_spread_is_that_of_the_middle_half),
        cmocka_unit_test(a_rate_is_per_second),
        cmocka_unit_test(work_is_repeated_for_as_long_as_is_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
