/*
 * tests/test_drop_privileges.c -- what common/drop_privileges.h promises.
 */
#define _GNU_SOURCE // getresuid
#include "unit.h"

#include <stdlib.h>
#include <sys/wait.h>

#include "../common/drop_privileges.h"

// What is true of a process that has become that user: 0, or the number of the
// first line that is not.
static int become_and_look(uid_t uid, gid_t gid, gid_t expected, int groups)
{
    int outcome;
    uid_t u[3];
    gid_t g[3];
    gid_t list[64];
    pid_t child = fork();

    assert_true(child != -1);
    if (child == 0) {
        if (!drop_privileges(uid, gid))
            _exit(1);
        if (getresuid(&u[0], &u[1], &u[2]) == -1 || u[0] != uid ||
            u[1] != uid || u[2] != uid)
            _exit(2);
        if (getresgid(&g[0], &g[1], &g[2]) == -1 || g[0] != expected ||
            g[1] != expected || g[2] != expected)
            _exit(3);
        if (groups != -1 && getgroups(64, list) != groups)
            _exit(4);
        if (uid != 0 && (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0))
            _exit(5);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &outcome, 0), child);
    assert_true(WIFEXITED(outcome));
    return WEXITSTATUS(outcome);
}

static void root_becomes_a_user_for_ever(void **state)
{
    (void)state;
    const struct passwd *nobody = getpwnam("nobody");

    if (geteuid() == 0 && nobody) // its own group, not that of its queue
        assert_int_equal(become_and_look(nobody->pw_uid, 0, nobody->pw_gid, 1),
                         0);
    else
        skip_test("root would run it");
}

static void one_without_a_name_has_its_one_group(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip_test("root would run it");
    assert_null(getpwuid(1234567));
    assert_int_equal(become_and_look(1234567, 7654321, 7654321, 0), 0);
}

static void nothing_changes_for_who_is_that_user(void **state)
{
    (void)state;
    assert_int_equal(become_and_look(geteuid(), 7654321, getegid(), -1), 0);
}

static void a_user_cannot_become_another(void **state)
{
    (void)state;
    int outcome;
    pid_t child = fork();

    if (child == 0) {
        if (geteuid() == 0 && !drop_privileges(1234567, 1234567))
            _exit(1);
        _exit(drop_privileges(1234568, 1234567) || errno != EPERM ? 2 : 0);
    }
    assert_int_equal(waitpid(child, &outcome, 0), child);
    assert_int_equal(outcome, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(root_becomes_a_user_for_ever),
        cmocka_unit_test(one_without_a_name_has_its_one_group),
        cmocka_unit_test(nothing_changes_for_who_is_that_user),
        cmocka_unit_test(a_user_cannot_become_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
