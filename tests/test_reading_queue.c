/*
 * tests/test_reading_queue.c -- what msg/reading_queue.h promises.
 */
#include "unit.h"

#include <stdlib.h>
#include <sys/wait.h>

#include "../msg/reading_queue.h"

static int queue;

static int make_queue(void **state)
{
    (void)state;
    queue = msgget(IPC_PRIVATE, 0600);
    return queue == -1 ? -1 : 0;
}

static int remove_queue(void **state)
{
    (void)state;
    return msgctl(queue, IPC_RMID, NULL) == 0 || errno == EINVAL ? 0 : -1;
}

static void a_message_has_room_for_one_byte_too_many(void **state)
{
    (void)state;
    struct reading_msg msg;

    assert_int_equal(READING_MSG_SIZE, sizeof msg.wire + sizeof msg.longer);
    assert_true((char *)&msg.mtype + sizeof(long) == (char *)&msg.wire);
    assert_true(&msg.longer == (char *)&msg.wire + sizeof msg.wire);
}

static void our_own_queue_is_ours(void **state)
{
    (void)state;
    assert_true(queue_is_own(queue));
}

static void another_users_queue_is_not(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip_test("root would run it");
    assert_int_equal(seteuid(65534), 0);
    assert_false(queue_is_own(queue)); // which may not even be looked at
    assert_int_equal(errno, EPERM);
    int other = msgget(IPC_PRIVATE, 0666);
    assert_int_equal(seteuid(0), 0);
    assert_false(queue_is_own(other)); // though root may use it
    assert_int_equal(errno, EPERM);
    assert_int_equal(msgctl(other, IPC_RMID, NULL), 0);
}

static void a_queue_that_is_gone_is_for_the_next_call_to_find(void **state)
{
    (void)state;
    assert_int_equal(msgctl(queue, IPC_RMID, NULL), 0);
    assert_true(queue_is_own(queue));
    assert_false(sender_has_ended(queue));
}

static void send_by(pid_t child)
{
    struct reading_msg msg = {.mtype = 1};

    if (child == 0)
        _exit(msgsnd(queue, &msg, sizeof msg.wire, 0) == -1);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_sender_that_has_just_sent_is_given_time(void **state)
{
    (void)state;
    assert_false(sender_has_ended(queue)); // nothing was sent at all
    send_by(fork());
    assert_false(sender_has_ended(queue));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_has_room_for_one_byte_too_many),
        cmocka_unit_test_setup_teardown(our_own_queue_is_ours, make_queue,
                                        remove_queue),
        cmocka_unit_test_setup_teardown(another_users_queue_is_not, make_queue,
                                        remove_queue),
        cmocka_unit_test_setup_teardown(
            a_queue_that_is_gone_is_for_the_next_call_to_find, make_queue,
            remove_queue),
        cmocka_unit_test_setup_teardown(
            a_sender_that_has_just_sent_is_given_time, make_queue,
            remove_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
