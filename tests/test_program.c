/*
 * tests/test_program.c -- what common/program.h promises.
 */
#include "unit.h"

#include "../common/program.h"

static void both_bounds_are_in_range(void **state)
{
    (void)state;
    long n = 0;

    assert_true(parse_long("-5", -5, 5, &n));
    assert_int_equal(n, -5);
    assert_true(parse_long("5", -5, 5, &n));
    assert_int_equal(n, 5);
}

static void anything_else_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    const char *refused[] = {"", "x", "5x", "-6", "6", "99999999999999999999"};
    long n = 42;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_false(parse_long(refused[i], -5, 5, &n));
    assert_int_equal(n, 42);
}

static void a_kernel_limit_is_not_a_full_disk(void **state)
{
    (void)state;

    assert_non_null(strstr(ipc_strerror(ENOSPC), "ipcs -l"));
    assert_non_null(strstr(ipc_strerror(ENOSPC), "ipcs -u"));
    assert_string_equal(ipc_strerror(EACCES), strerror(EACCES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_bounds_are_in_range),
        cmocka_unit_test(anything_else_is_refused_and_changes_nothing),
        cmocka_unit_test(a_kernel_limit_is_not_a_full_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
