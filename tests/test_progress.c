/*
 * tests/test_progress.c -- what common/progress.h promises.
 */
#include "unit.h"

#include "../common/progress.h"

static void shows(const char *expected, const char *name, uint64_t done,
                  uint64_t total, double seconds)
{
    char line[PROGRESS_COLUMNS + 1];

    progress_line(line, name, done, total, seconds);
    assert_string_equal(line, expected);
}

static void the_line_has_bytes_rate_and_time_left(void **state)
{
    (void)state;
    shows("big  45%  450.0 MB  150.0 MB/s  0:03 left", "big", 450000000,
          1000000000, 3.0);
    shows("big  0%  1.0 MB  1.0 MB/s  66:39 left", "big", 1000000, 4000000000,
          1.0);
    shows("small  100%  423 B  423 B/s", "small", 423, 423, 1.0);
}

static void what_is_not_known_is_left_out(void **state)
{
    (void)state;
    shows("new  0%  0 B  0 B/s", "new", 0, 1000, 0.0); // no rate: no time left
    shows("stream  5.0 kB  1.0 kB/s", "stream", 5000, 0, 5.0);
    shows("grown  5.0 kB  1.0 kB/s", "grown", 5000, 4000, 5.0);
}

static void bytes_come_in_a_unit_that_suits_them(void **state)
{
    (void)state;
    char text[16];
    const struct {
        double bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {999, "999 B"},
        {1000, "1.0 kB"},
        {999949, "999.9 kB"},
        {999950, "1.0 MB"},
        {1e18, "1.0 EB"},
        {1.8446744073709552e19, "18.4 EB"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        progress_bytes(text, sizeof text, cases[i].bytes);
        assert_string_equal(text, cases[i].text);
    }
}

static void a_long_name_is_cut_between_characters(void **state)
{
    (void)state;
    // 28 letters, then a character of three bytes across the limit of 30.
    shows("xxxxxxxxxxxxxxxxxxxxxxxxxxxx  50%  1 B  1 B/s  0:01 left",
          "xxxxxxxxxxxxxxxxxxxxxxxxxxxx\xe6\xb6\x88xx", 1, 2, 1.0);
    shows("xxxxxxxxxxxxxxxxxxxxxxxxxxx\xe6\xb6\x88  50%  1 B  1 B/s  0:01 left",
          "xxxxxxxxxxxxxxxxxxxxxxxxxxx\xe6\xb6\x88yyy", 1, 2, 1.0);
}

static void the_longest_line_fits_into_a_terminal(void **state)
{
    (void)state;
    char line[PROGRESS_COLUMNS + 1];
    char name[256];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';

    progress_line(line, name, UINT64_MAX / 2, UINT64_MAX, 1e14);
    assert_in_range(strlen(line), 1, PROGRESS_COLUMNS);
}

static void without_a_terminal_nothing_is_shown(void **state)
{
    (void)state;
    struct progress p;
    int saved = dup(STDERR_FILENO);
    FILE *file = tmpfile();
    assert_non_null(file);

    dup2(fileno(file), STDERR_FILENO);
    progress_start(&p, "name");
    progress_show(&p, 1, 2);
    progress_end(&p);
    dup2(saved, STDERR_FILENO);
    close(saved);
    assert_int_equal(lseek(fileno(file), 0, SEEK_END), 0);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_has_bytes_rate_and_time_left),
        cmocka_unit_test(what_is_not_known_is_left_out),
        cmocka_unit_test(bytes_come_in_a_unit_that_suits_them),
        cmocka_unit_test(a_long_name_is_cut_between_characters),
        cmocka_unit_test(the_longest_line_fits_into_a_terminal),
        cmocka_unit_test(without_a_terminal_nothing_is_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
