/*
 * tests/test_help.c -- what common/help.h promises.
 */
#include "unit.h"

#include "../common/help.h"

static const struct help_row table[] = {
    {"COUNT", "", "how many", ""},
    {"FIFO", "", "the path", ""},
    {"--lines COUNT", "atomic, pace", "lines", ""},
    {"OCTAL", "mode", "permissions", ""},
    {0},
};
enum { COUNT, FIFO, LINES, OCTAL };

static void a_word_is_found_as_a_word_of_its_own(void **state)
{
    (void)state;

    assert_true(help_has_word("basic_send FIFO COUNT", "FIFO"));
    assert_true(help_has_word("list [FILE...]", "FILE"));
    assert_true(
        help_has_word("relay TO-ADDRESS TO-PORT", "TO-ADDRESS TO-PORT"));
    assert_false(help_has_word("basic_recv KEYFILE", "FILE"));
    assert_false(help_has_word("relay TO-PORT", "PORT"));
    assert_false(help_has_word("meet_recv", "meet"));
    assert_false(help_has_word("", "FILE"));
}

static void a_row_without_a_program_is_for_all_that_have_the_word(void **state)
{
    (void)state;

    assert_true(help_is_for(&table[FIFO], table, "nonblock FIFO"));
    assert_true(help_is_for(&table[COUNT], table, "basic_send FIFO COUNT"));
    assert_false(help_is_for(&table[COUNT], table, "nonblock FIFO"));
}

static void the_value_of_an_option_is_no_operand(void **state)
{
    (void)state;

    assert_true(help_is_for(&table[LINES], table, "atomic [--lines COUNT]"));
    assert_false(help_is_for(&table[COUNT], table, "atomic [--lines COUNT]"));
}

static void a_row_with_programs_is_for_these(void **state)
{
    (void)state;

    assert_true(help_is_for(&table[OCTAL], table, "mode FIFO [OCTAL]"));
    assert_false(help_is_for(&table[OCTAL], table, "mode FIFO"));
    assert_false(help_is_for(&table[OCTAL], table, "other [OCTAL]"));
    assert_true(help_is_for(&table[LINES], table, "pace [OPTION]..."));
}

static void the_first_locale_that_is_set_decides(void **state)
{
    (void)state;

    setenv("LANG", "zh_CN.UTF-8", 1);
    unsetenv("LC_ALL");
    unsetenv("LC_MESSAGES");
    assert_true(help_in_chinese());
    setenv("LC_ALL", "", 1); // as if it were not set
    assert_true(help_in_chinese());
    setenv("LC_MESSAGES", "C", 1);
    assert_false(help_in_chinese());
    setenv("LC_ALL", "zh_TW", 1);
    assert_true(help_in_chinese());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_found_as_a_word_of_its_own),
        cmocka_unit_test(a_row_without_a_program_is_for_all_that_have_the_word),
        cmocka_unit_test(the_value_of_an_option_is_no_operand),
        cmocka_unit_test(a_row_with_programs_is_for_these),
        cmocka_unit_test(the_first_locale_that_is_set_decides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
