/*
 * tests/test_sysv_call.c -- common/sysv_call.h: lines of /proc/PID/syscall.
 */
#include "unit.h"

#include <stdio.h>

#include "../common/sysv_call.h"

// The line of a system call with that number and these arguments.
static bool reads(struct sysv_call *c, long number, const char *arguments)
{
    char line[128];

    snprintf(line, sizeof line, "%ld %s 0x7ffd5a00 0x7f41c6d1\n", number,
             arguments);
    return sysv_call_read(c, line);
}

static void calls_are_told_by_their_numbers(void **state)
{
    (void)state;
    struct sysv_call c = {0};

    assert_true(reads(&c, SYS_msgsnd, "0x2a 0x7ffc 0x20 0x800 0x0 0x0"));
    assert_int_equal(c.operation, SYSV_MSGSND);
    assert_int_equal(c.id, 42);
    assert_int_equal(c.address, 0x7ffc);
    assert_int_equal(c.size, 32);
    assert_int_equal(c.flags, 04000);
    assert_true(reads(&c, SYS_msgrcv, "0x2a 0x7ffc 0x20 0x0 0x0 0x0"));
    assert_int_equal(c.operation, SYSV_MSGRCV);
#ifdef SYS_semop
    assert_true(reads(&c, SYS_semop, "0x7 0x7ffc 0x2 0x0 0x0 0x0"));
    assert_int_equal(c.operation, SYSV_SEMOP);
    assert_int_equal(c.id, 7);
    assert_int_equal(c.size, 2);
#endif
}

#ifdef SYS_ipc
static void one_call_stands_for_all(void **state)
{
    (void)state;
    struct sysv_call c = {0};

    assert_true(reads(&c, SYS_ipc, "0x1 0x7 0x2 0x0 0x7ffc 0x0"));
    assert_int_equal(c.operation, SYSV_SEMOP);
    assert_int_equal(c.id, 7);
    assert_int_equal(c.size, 2);
    assert_int_equal(c.address, 0x7ffc);
    assert_true(reads(&c, SYS_ipc, "0x1000c 0x2a 0x20 0x0 0x7ffc 0x0"));
    assert_int_equal(c.operation, SYSV_MSGRCV);
    assert_int_equal(c.id, 42);
    assert_false(reads(&c, SYS_ipc, "0x2 0x2a 0x20 0x0 0x0 0x0"));
}
#endif

static void nothing_else_is_taken_for_one(void **state)
{
    (void)state;
    struct sysv_call c = {0};

    assert_false(reads(&c, SYS_read, "0x2a 0x7ffc 0x20 0x0 0x0 0x0"));
    assert_false(sysv_call_read(&c, "running\n"));
    assert_false(sysv_call_read(&c, "-1 0x7ffd5a00 0x7f41c6d1\n"));
    assert_false(sysv_call_read(&c, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_told_by_their_numbers),
#ifdef SYS_ipc
        cmocka_unit_test(one_call_stands_for_all),
#endif
        cmocka_unit_test(nothing_else_is_taken_for_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
