/*
 * tests/test_queue.c -- what udp/relay/queue.h promises.
 */
#include "unit.h"

#include <stdlib.h>

#include "../udp/relay/queue.h"

static struct queue queue;

static void they_come_out_in_time(void **state)
{
    (void)state;
    static struct waiting many[1000];

    srandom(1);
    for (int i = 0; i < 1000; i++) {
        many[i].due = random() % 100; // many at the same moment
        many[i].sock = i;
        assert_true(queue_put(&queue, &many[i]));
    }
    for (const struct waiting *before = NULL; queue.count > 0;) {
        const struct waiting *w = queue_take(&queue);
        if (before && before->due == w->due)
            assert_true(before->sock < w->sock);
        else if (before)
            assert_true(before->due < w->due);
        before = w;
    }
}

static void putting_and_taking_may_take_turns(void **state)
{
    (void)state;
    struct waiting a = {.due = 3}, b = {.due = 1}, c = {.due = 2};

    queue_put(&queue, &a);
    queue_put(&queue, &b);
    assert_ptr_equal(queue_take(&queue), &b);
    queue_put(&queue, &c);
    assert_ptr_equal(queue_take(&queue), &c);
    assert_ptr_equal(queue_take(&queue), &a);
    assert_int_equal(queue.count, 0);
}

static void a_full_queue_takes_no_more(void **state)
{
    (void)state;
    static struct waiting many[QUEUE_MAX], late;

    for (int i = 0; i < QUEUE_MAX; i++)
        assert_true(queue_put(&queue, &many[i]));
    assert_false(queue_put(&queue, &late));
    assert_ptr_equal(queue_take(&queue), &many[0]);
    assert_true(queue_put(&queue, &late));
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
