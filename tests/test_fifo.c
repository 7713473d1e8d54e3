/*
 * tests/test_fifo.c -- what fifo/fifo.h promises.
 */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "../fifo/fifo.h"

// In a folder of its own: a FIFO, a file, and a symbolic link to the FIFO.
static int make_them(void **state)
{
    static char folder[32];

    snprintf(folder, sizeof folder, "/tmp/test_fifo.XXXXXX");
    *state = folder;
    return mkdtemp(folder) == NULL || chdir(folder) == -1 ||
           mkfifo("fifo", 0600) == -1 || creat("file", 0600) == -1 ||
           symlink("fifo", "link") == -1;
}

static int remove_them(void **state)
{
    unlink("fifo");
    unlink("file");
    unlink("link");
    return rmdir(*state);
}

static void only_a_fifo_is_ours(void **state)
{
    (void)state;

    assert_true(fifo_is_ours("fifo"));
    assert_false(fifo_is_ours("file"));
    assert_int_equal(errno, EEXIST);
    assert_false(fifo_is_ours("link"));
    assert_false(fifo_is_ours("."));
    assert_false(fifo_is_ours("nothing"));
    assert_int_equal(errno, ENOENT);
}

static void somebody_elses_fifo_is_not_ours(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip_test("root would run it");

    assert_int_equal(chown("fifo", 65534, (gid_t)-1), 0);
    assert_false(fifo_is_ours("fifo"));
    assert_int_equal(errno, EEXIST);
}

static void only_a_fifo_of_ours_is_removed(void **state)
{
    (void)state;

    fifo_remove("nothing");
    fifo_remove("file");
    fifo_remove("link");
    assert_int_equal(access("file", F_OK), 0);
    assert_int_equal(access("link", F_OK), 0);

    fifo_remove("fifo");
    assert_int_equal(access("fifo", F_OK), -1);
}

static void an_open_fifo_is_told_from_an_open_file(void **state)
{
    (void)state;
    int fifo = open("fifo", O_RDONLY | O_NONBLOCK);
    int file = open("file", O_RDONLY);

    assert_true(is_fifo(fifo));
    assert_false(is_fifo(file));
    close(fifo);
    close(file);
    assert_false(is_fifo(fifo));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_a_fifo_is_ours, make_them,
                                        remove_them),
        cmocka_unit_test_setup_teardown(somebody_elses_fifo_is_not_ours,
                                        make_them, remove_them),
        cmocka_unit_test_setup_teardown(only_a_fifo_of_ours_is_removed,
                                        make_them, remove_them),
        cmocka_unit_test_setup_teardown(an_open_fifo_is_told_from_an_open_file,
                                        make_them, remove_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
