/*
 * tests/test_proc.c -- what common/proc.h promises.
 */
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/proc.h"

static void it_reads_the_start_as_a_string(void **state)
{
    (void)state;
    char text[8];

    assert_true(proc_read(getpid(), "status", text, sizeof text));
    assert_string_equal(text, "Name:\tt");
    assert_false(proc_read(getpid(), "nothing", text, sizeof text));
}

static void a_name_with_brackets_hides_no_state(void **state)
{
    (void)state;
    int status;

    assert_int_equal(prctl(PR_SET_NAME, "x) S (y"), 0);
    assert_int_equal(proc_state(getpid()), 'R');

    pid_t child = fork();
    assert_true(child != -1);
    if (child == 0) {
        kill(getpid(), SIGSTOP);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_int_equal(proc_state(child), 'T');
    kill(child, SIGCONT);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(proc_state(child), 'Z'); // there is no such process
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_reads_the_start_as_a_string),
        cmocka_unit_test(a_name_with_brackets_hides_no_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
