/*
 * tests/test_trace_call.c -- common/trace/call.h: lines of strace(1).
 */
#define _GNU_SOURCE // as the sources below want it
#include "unit.h"

#include <string.h>

#include "../common/trace/call.c"

static struct calls read_lines(const char *const lines[], size_t count)
{
    struct calls calls = {0};

    for (size_t i = 0; i < count; i++)
        assert_true(calls_read_line(&calls, 0, lines[i]));
    return calls;
}

static void a_call_has_its_arguments_and_its_result(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "4211 1700000000.250001 msgsnd(7, {mtype=1, mtext=\"a, b) = \\\"\"}, "
        "9, IPC_NOWAIT) = 0 <0.000015>",
    };
    struct calls calls = read_lines(lines, 1);
    const struct call *call = &calls.call[0];
    char text[80];

    assert_int_equal(call->pid, 4211);
    assert_string_equal(call->name, "msgsnd");
    assert_int_equal(call->begin_us, 1700000000250001);
    assert_int_equal(call->end_us - call->begin_us, 15);
    assert_true(call->returned);
    assert_int_equal(call->value, 0);
    assert_int_equal(call_number(call, 0), 7);
    assert_int_equal(call_number(call, 2), 9);
    assert_string_equal(call_arg(call, 3, text, sizeof text), "IPC_NOWAIT");
    assert_string_equal(call_arg(call, 4, text, sizeof text), "");
    assert_string_equal(text_field(call->args, "mtype", text, sizeof text),
                        "1");
    calls_free(&calls);
}

static void a_member_of_a_struct_is_found_with_and_without_names(void **state)
{
    (void)state;
    static const char *const structs[] = {
        "{sem_num=1, sem_op=-2, sem_flg=SEM_UNDO|IPC_NOWAIT}, {sem_num=3}",
        "{1, -2, SEM_UNDO|IPC_NOWAIT}, {3}",
    };
    char text[80];

    for (int i = 0; i < 2; i++) {
        assert_string_equal(text_member(structs[i], 0, text, sizeof text), "1");
        assert_string_equal(text_member(structs[i], 1, text, sizeof text),
                            "-2");
        assert_string_equal(text_member(structs[i], 2, text, sizeof text),
                            "SEM_UNDO|IPC_NOWAIT");
        assert_string_equal(text_member(structs[i], 3, text, sizeof text), "");
    }
    assert_string_equal(text_member("{1, \"a=b, }\"}", 1, text, sizeof text),
                        "\"a=b, }\"");
    assert_string_equal(
        text_member("{mtype=1, mtext=\"a=b, }\"}", 1, text, sizeof text),
        "\"a=b, }\"");
    assert_string_equal(text_member("{1, \"cut", 2, text, sizeof text), "");
    assert_string_equal(text_member("0x7ffd", 0, text, sizeof text), "");
}

static void an_error_has_its_name(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "9 1700000000.000000 msgget(0x490021f2, 000) = -1 ENOENT (No such file "
        "or directory) <0.000009>",
    };
    struct calls calls = read_lines(lines, 1);

    assert_int_equal(calls.call[0].value, -1);
    assert_string_equal(calls.call[0].error, "ENOENT");
    calls_free(&calls);
}

static void a_call_that_is_shown_in_two_parts_is_one(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "8 1700000000.000000 read(3<pipe:[71]>,  <unfinished ...>",
        "9 1700000000.000010 read(5<pipe:[72]>,  <unfinished ...>",
        "8 1700000000.000020 <... read resumed>\"x\", 17) = 1 <0.000030>",
        "9 1700000001.000000 +++ killed by SIGTERM +++",
    };
    struct calls calls = read_lines(lines, 4);

    assert_int_equal(calls.count, 3);
    assert_string_equal(calls.call[0].args, "3<pipe:[71]>, \"x\", 17");
    assert_int_equal(calls.call[0].value, 1);
    assert_int_equal(calls.call[0].end_us - calls.call[0].begin_us, 30);
    assert_false(calls.call[1].returned);
    assert_int_equal(calls.call[2].kind, CALL_KILLED);
    assert_string_equal(calls.call[2].name, "SIGTERM");
    calls_free(&calls);
}

static void a_signal_and_an_end_are_no_calls(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "8 1700000000.000000 msgrcv(7, 0x7ffd, 18, 0, 0) = ? ERESTARTNOHAND "
        "(To be restarted if no handler) <0.999>",
        "8 1700000001.000000 --- SIGALRM {si_signo=SIGALRM, "
        "si_code=SI_KERNEL} ---",
        "8 1700000002.000000 +++ exited with 3 +++",
    };
    struct calls calls = read_lines(lines, 3);

    assert_true(calls.call[0].restarts);
    assert_int_equal(calls.call[1].kind, CALL_SIGNAL);
    assert_string_equal(calls.call[1].name, "SIGALRM");
    assert_int_equal(calls.call[2].kind, CALL_EXIT);
    assert_int_equal(calls.call[2].value, 3);
    calls_free(&calls);
}

static void what_is_no_line_is_refused(void **state)
{
    (void)state;
    struct calls calls = {0};

    assert_false(calls_read_line(&calls, 0, ""));
    assert_false(calls_read_line(&calls, 0, "strace: Process 9 attached"));
    assert_false(calls_read_line(&calls, 0, "9 1700000000.0 msgrcv"));
    assert_false(calls_read_line(&calls, 0, "9 1700000000.0 msgrcv(7) = x"));
    assert_false(calls_read_line(
        &calls, 0, "9 1700000000.0 <... read resumed>) = 0 <0.1>"));
    assert_int_equal(calls.count, 0);
    calls_free(&calls);
}

static void bytes_are_what_the_string_means(void **state)
{
    (void)state;
    uint8_t bytes[16];

    assert_int_equal(
        text_bytes("\"\\1\\0017\\n\\\"\\x41\\377\"...", bytes, sizeof bytes),
        7);
    assert_memory_equal(bytes, "\1\0017\n\"A\377", 7);
    assert_int_equal(text_bytes("NULL", bytes, sizeof bytes), 0);
    assert_int_equal(text_bytes("\"abc\"", bytes, 2), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_has_its_arguments_and_its_result),
        cmocka_unit_test(a_member_of_a_struct_is_found_with_and_without_names),
        cmocka_unit_test(an_error_has_its_name),
        cmocka_unit_test(a_call_that_is_shown_in_two_parts_is_one),
        cmocka_unit_test(a_signal_and_an_end_are_no_calls),
        cmocka_unit_test(what_is_no_line_is_refused),
        cmocka_unit_test(bytes_are_what_the_string_means),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
