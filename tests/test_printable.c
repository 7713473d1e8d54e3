/*
 * tests/test_printable.c -- what common/printable.h promises.
 */
#include "unit.h"

#include "../common/printable.h"

static void control_characters_become_question_marks(void **state)
{
    (void)state;
    char text[] = "a\nb\033[2Jc\177d\r\t\1";

    assert_string_equal(printable(text), "a?b?[2Jc?d???");
}

static void everything_else_stays(void **state)
{
    (void)state;
    char text[] = " ~ r\xc3\xa9sum\xc3\xa9 \xe6\xb6\x88\xe6\x81\xaf";

    assert_string_equal(printable(text),
                        " ~ r\xc3\xa9sum\xc3\xa9 \xe6\xb6\x88\xe6\x81\xaf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_characters_become_question_marks),
        cmocka_unit_test(everything_else_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
