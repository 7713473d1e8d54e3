/*
 * tests/test_number_list.c -- what udp/number_list.h promises.
 */
#include "unit.h"

#include "../udp/number_list.h"

static void each_number_is_taken_as_often_as_it_stands_there(void **state)
{
    (void)state;
    struct number_list list = {0};

    assert_true(number_list_parse(&list, "3,7,7"));
    assert_false(number_list_remove(&list, 1));
    assert_true(number_list_remove(&list, 7));
    assert_true(number_list_remove(&list, 7));
    assert_false(number_list_remove(&list, 7));
    assert_true(number_list_remove(&list, 3));
    assert_false(number_list_remove(&list, 3));
}

static void anything_else_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    const char *refused[] = {"",   ",",   "3,",  ",3", "3,,7", "0", "-3",
                             "+3", "3 7", "3;7", "x",  "3x",   " 3"};
    struct number_list list = {0};

    assert_true(number_list_parse(&list, "5"));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_false(number_list_parse(&list, refused[i]));
    assert_true(number_list_remove(&list, 5));
}

static void there_is_room_for_so_many_and_no_more(void **state)
{
    (void)state;
    char text[2 * (NUMBER_LIST_MAX + 1)];
    struct number_list list = {0};

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 == 0 ? '1' : ',';
    text[sizeof text - 1] = '\0';
    assert_false(number_list_parse(&list, text));
    text[sizeof text - 3] = '\0';
    assert_true(number_list_parse(&list, text));
    assert_int_equal(list.count, NUMBER_LIST_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_is_taken_as_often_as_it_stands_there),
        cmocka_unit_test(anything_else_is_refused_and_changes_nothing),
        cmocka_unit_test(there_is_room_for_so_many_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
