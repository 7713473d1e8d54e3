/*
 * tests/test_child.c -- what common/child.h promises.
 */
#include "unit.h"

#include <poll.h>

#include "../common/child.h"

static void a_child_succeeds_with_status_0_only(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    assert_true(child_succeeded(child, "good child"));

    child = fork();
    if (child == 0)
        _exit(3);
    assert_false(child_succeeded(child, "bad child"));

    child = fork();
    if (child == 0)
        raise(SIGKILL);
    assert_false(child_succeeded(child, "killed child"));
}

static void a_child_that_has_ended_has_not_stopped(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        kill(getpid(), SIGSTOP);
        _exit(0);
    }
    assert_true(child_has_stopped(child));
    kill(child, SIGCONT);
    assert_false(child_has_stopped(child));
    assert_false(child_has_stopped(child)); // there is none
}

static void those_that_failed_are_counted(void **state)
{
    (void)state;
    for (int status = 0; status < 5; status++)
        if (fork() == 0)
            _exit(status % 3);
    assert_int_equal(children_failed(), 3);
    assert_int_equal(children_failed(), 0);
}

// End of file says that the grandchild is gone: it holds the last write end.
static void a_child_ends_with_its_parent(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);

    pid_t child = fork();
    if (child == 0) {
        pid_t parent = getpid();
        if (fork() == 0) {
            set_pdeathsig(parent, SIGTERM);
            if (write(ends[1], "!", 1) == 1)
                pause();
            _exit(1);
        }
        pause();
    }
    close(ends[1]);

    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 1); // it has called set_pdeathsig
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(poll(&(struct pollfd){ends[0], POLLIN, 0}, 1, 10000), 1);
    assert_int_equal(read(ends[0], &byte, 1), 0);
    close(ends[0]);
}

static void an_orphan_ends_at_once(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        set_pdeathsig(getpid(), SIGTERM); // which is not its parent
        _exit(0);
    }
    int outcome;
    assert_int_equal(waitpid(child, &outcome, 0), child);
    assert_true(WIFSIGNALED(outcome));
    assert_int_equal(WTERMSIG(outcome), SIGTERM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_succeeds_with_status_0_only),
        cmocka_unit_test(a_child_that_has_ended_has_not_stopped),
        cmocka_unit_test(those_that_failed_are_counted),
        cmocka_unit_test(a_child_ends_with_its_parent),
        cmocka_unit_test(an_orphan_ends_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
