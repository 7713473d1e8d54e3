/*
 * tests/test_delay_queue.c -- what udp/relay/delay_queue.h promises.
 */
#include "unit.h"

#include <stdlib.h>

#include "../udp/relay/delay_queue.h"

static struct delay_queue queue;

static void they_come_out_in_time(void **state)
{
    (void)state;
    static struct delayed many[1000];

    srandom(1);
    for (int i = 0; i < 1000; i++) {
        many[i].due_us = random() % 100; // many at the same moment
        many[i].sock = i;
        assert_true(delay_queue_put(&queue, &many[i]));
    }
    for (const struct delayed *before = NULL; queue.count > 0;) {
        const struct delayed *w = delay_queue_take(&queue);
        if (before && before->due_us == w->due_us)
            assert_true(before->sock < w->sock);
        else if (before)
            assert_true(before->due_us < w->due_us);
        before = w;
    }
}

static void putting_and_taking_may_take_turns(void **state)
{
    (void)state;
    struct delayed a = {.due_us = 3}, b = {.due_us = 1}, c = {.due_us = 2};

    delay_queue_put(&queue, &a);
    delay_queue_put(&queue, &b);
    assert_ptr_equal(delay_queue_take(&queue), &b);
    delay_queue_put(&queue, &c);
    assert_ptr_equal(delay_queue_take(&queue), &c);
    assert_ptr_equal(delay_queue_take(&queue), &a);
    assert_int_equal(queue.count, 0);
}

static void a_full_queue_takes_no_more(void **state)
{
    (void)state;
    static struct delayed many[DELAY_QUEUE_MAX], late;

    for (int i = 0; i < DELAY_QUEUE_MAX; i++)
        assert_true(delay_queue_put(&queue, &many[i]));
    assert_false(delay_queue_put(&queue, &late));
    assert_ptr_equal(delay_queue_take(&queue), &many[0]);
    assert_true(delay_queue_put(&queue, &late));
    queue.count = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_come_out_in_time),
        cmocka_unit_test(putting_and_taking_may_take_turns),
        cmocka_unit_test(a_full_queue_takes_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
