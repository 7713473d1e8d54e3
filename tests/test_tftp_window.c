/*
 * tests/test_tftp_window.c -- what udp/tftp/tftp_window.h and tftp_receiver.h
 * promise.
 */
#include "unit.h"

#include "../udp/tftp/tftp_receiver.h"
#include "../udp/tftp/tftp_window.h"

static struct tftp_window w;
static struct tftp_receiver a;
static struct rto rto;

static void start(unsigned window, bool selective)
{
    rto = rto_start(1000000, 50000, 2000000);
    tftp_window_start(&w, window, selective, &rto);
    struct tftp_options agreed = {0};
    tftp_options_set(&agreed, TFTP_OPTION_WINDOWSIZE, window);
    if (selective)
        tftp_options_set(&agreed, TFTP_OPTION_SACK, 1);
    free(a.ring);
    assert_int_equal(tftp_receiver_start(&a, &agreed, NULL, NULL), 0);
}

// Send all that may be sent; returns how many.
static int send_all(int64_t now)
{
    int count = 0;

    for (int64_t n = 0; (n = tftp_window_next(&w, n)) != 0; n++, count++)
        tftp_window_sent(&w, n, now);
    return count;
}

static int send_nothing(struct tftp_net *net, const uint8_t *packets,
                        size_t size, unsigned count, size_t last)
{
    (void)net, (void)packets, (void)size, (void)count, (void)last;
    return 0;
}

static void ack_sent(void)
{
    struct tftp_net net = {.send = send_nothing};

    tftp_receiver_ack(&a, &net);
}

static bool acked(int64_t number, int64_t now)
{
    return tftp_window_acked(&w, number, NULL, 0, now);
}

static void stop_and_wait_has_one_under_way(void **state)
{
    (void)state;
    start(1, false);
    assert_int_equal(send_all(0), 1);
    assert_int_equal(send_all(0), 0);
    assert_true(acked(1, 100));
    assert_int_equal(send_all(100), 1);
    assert_int_equal(w.base, 1);
    assert_int_equal(w.next, 3);
}

// The Sorcerer's Apprentice: each ACK that comes twice would have each block
// after it sent twice, to the end of the file.
static void an_ack_that_comes_twice_sends_nothing(void **state)
{
    (void)state;
    start(1, false);
    send_all(0);
    acked(1, 100);
    send_all(100);
    for (int64_t now = 100; now < 100000; now += 1000) {
        assert_false(acked(1, now));
        assert_int_equal(send_all(now), 0);
    }
    assert_int_equal(w.resent, 0);
}

static void an_ack_of_nothing_is_no_news(void **state)
{
    (void)state;
    start(4, true);
    send_all(0);
    assert_true(acked(2, 100));
    assert_false(acked(1, 100));    // before
    assert_false(acked(-1, 100));   //
    assert_false(acked(5, 100));    // was never sent
    assert_false(acked(1000, 100)); //
    assert_int_equal(w.base, 2);
}

static void a_window_goes_back_to_where_it_broke(void **state)
{
    (void)state;
    start(4, false);
    assert_int_equal(send_all(1), 4);
    assert_int_equal(send_all(1), 0);
    assert_true(acked(2, 1000)); // 3 was lost, so 4 is of no use
    assert_int_equal(tftp_window_next(&w, 0), 3);
    assert_int_equal(send_all(1000), 4); // 3, 4, 5, 6
    assert_int_equal(w.resent, 2);
    assert_false(acked(2, 1498)); // the same again, too early to mean more
    assert_int_equal(send_all(1498), 0);
    assert_true(acked(2, 1499)); // half a round trip: 3 was lost again
    assert_int_equal(send_all(1499), 4);
}

// 0 would mean that none has been measured.
static void a_round_trip_takes_a_microsecond_at_least(void **state)
{
    (void)state;
    start(1, false);
    send_all(100);
    assert_true(acked(1, 100));
    assert_int_equal(rto.srtt, 1);
}

static void what_arrived_behind_a_gap_is_not_sent_again(void **state)
{
    (void)state;
    const uint8_t bits[] = {0x78}; // of 3 to 10: 4, 5, 6 and 7
    start(16, true);
    w.next = 1;
    assert_int_equal(send_all(0), 16);
    assert_true(tftp_window_acked(&w, 2, bits, 1, 1000));
    assert_int_equal(w.base, 2);
    // Those from 8 on were sent together with 7: late, or lost, who knows yet.
    assert_int_equal(send_all(1000), 2); // 17, 18
    int64_t again = tftp_window_find_lost(&w, 1000);
    assert_int_equal(again, 0); // nothing was sent before what has arrived
    const uint8_t more[] = {0x7f, 0xff}; // and now 17 and 18 as well
    assert_true(tftp_window_acked(&w, 2, more, 2, 2000));
    again = tftp_window_find_lost(&w, 2000);
    assert_int_equal(again, 2250); // mean 1000, a quarter, and 1 ms
    tftp_window_find_lost(&w, 3000);
    assert_int_equal(tftp_window_next(&w, 0), 3);
    assert_int_equal(send_all(3000), 1);
    assert_int_equal(w.resent, 1);
}

static void silence_makes_all_lost_and_the_window_small(void **state)
{
    (void)state;
    start(64, true);
    assert_int_equal(send_all(0), TFTP_PATH_FIRST);
    tftp_window_expired(&w);
    assert_int_equal(send_all(1000000), TFTP_PATH_MIN);
    assert_int_equal(w.resent, TFTP_PATH_MIN);
}

static void the_window_opens_as_acks_come(void **state)
{
    (void)state;
    start(256, true);
    assert_int_equal(send_all(0), 32);
    acked(32, 1000);
    assert_int_equal(send_all(1000), 64);
    acked(96, 2000);
    assert_int_equal(send_all(2000), 128);
}

// Nothing that was sent later can tell that the first block is lost, if it is
// the last that may be sent.
static void the_first_block_is_sent_again_after_two_round_trips(void **state)
{
    (void)state;
    start(64, true);
    w.last = 3;
    assert_int_equal(send_all(1), 3);
    assert_true(acked(2, 10001));
    int64_t again = tftp_window_find_lost(&w, 10001);
    assert_int_equal(again, 1 + 2 * 10000 + 4 * 5000 + TFTP_PATH_BUSY);
    assert_int_equal(send_all(again - 1), 0);
    assert_int_equal(tftp_window_find_lost(&w, again), 0);
    assert_int_equal(send_all(again), 1);
    assert_int_equal(w.resent, 1);
}

static void the_last_block_ends_it(void **state)
{
    (void)state;
    start(4, true);
    w.last = 2;
    assert_int_equal(send_all(0), 2);
    acked(1, 100);
    assert_false(tftp_window_done(&w));
    acked(2, 100);
    assert_true(tftp_window_done(&w));
}

static void a_plain_receiver_acks_each_window(void **state)
{
    (void)state;
    start(3, false);
    assert_int_equal(tftp_receiver_arrived(&a, 1), TFTP_NEXT);
    assert_int_equal(tftp_receiver_arrived(&a, 2), TFTP_NEXT);
    assert_false(a.ack_due);
    assert_int_equal(tftp_receiver_arrived(&a, 3), TFTP_NEXT);
    assert_true(a.ack_due);
    ack_sent();
    assert_int_equal(tftp_receiver_arrived(&a, 5),
                     TFTP_USELESS); // 4 is missing:
    assert_true(a.ack_due);         // once
    ack_sent();
    assert_int_equal(tftp_receiver_arrived(&a, 6), TFTP_USELESS);
    assert_false(a.ack_due);
    assert_int_equal(tftp_receiver_arrived(&a, 2), TFTP_USELESS); // old
    assert_false(a.ack_due);
    assert_int_equal(tftp_receiver_arrived(&a, 3),
                     TFTP_USELESS); // our ACK was lost
    assert_true(a.ack_due);
    assert_int_equal(a.base, 3);
}

static void a_selective_receiver_keeps_what_is_ahead(void **state)
{
    (void)state;
    uint8_t bits[TFTP_WINDOW_MAX / 8 + 1];
    start(20, true);
    assert_int_equal(tftp_receiver_arrived(&a, 1), TFTP_NEXT);
    assert_int_equal(tftp_receiver_bits(&a, bits), 0);
    assert_int_equal(tftp_receiver_arrived(&a, 3), TFTP_AHEAD);
    assert_int_equal(tftp_receiver_arrived(&a, 3), TFTP_USELESS);
    assert_int_equal(tftp_receiver_arrived(&a, 12), TFTP_AHEAD);
    assert_int_equal(tftp_receiver_arrived(&a, 22), TFTP_USELESS); // outside
    assert_int_equal(tftp_receiver_bits(&a, bits), 2);
    assert_int_equal(bits[0], 0x40); // 2 to 9
    assert_int_equal(bits[1], 0x20); // 10 to 17
    assert_int_equal(tftp_receiver_arrived(&a, 2), TFTP_NEXT);
    assert_true(tftp_receiver_has_next(&a));
    assert_int_equal(tftp_receiver_arrived(&a, 3), TFTP_NEXT);
    assert_false(tftp_receiver_has_next(&a));
    assert_int_equal(a.base, 3);
}

// In lock step a block from the future is no gap: an answer to it would be an
// old ACK, and nothing was lost.
static void lock_step_has_no_answer_for_a_future_block(void **state)
{
    (void)state;
    start(1, false);
    assert_int_equal(tftp_receiver_arrived(&a, 1), TFTP_NEXT);
    ack_sent();
    assert_int_equal(tftp_receiver_arrived(&a, 3), TFTP_USELESS);
    assert_false(a.ack_due);
    assert_int_equal(tftp_receiver_arrived(&a, 2), TFTP_NEXT);
    assert_true(a.ack_due);
}

// Both together over a line that loses every third packet, past the place where
// the numbers wrap.
static void a_long_file_gets_there(void **state)
{
    (void)state;
    uint8_t bits[TFTP_WINDOW_MAX / 8 + 1];
    unsigned dice = 0;

    start(64, true);
    w.last = 70000;
    for (int64_t now = 1000; !tftp_window_done(&w); now += 1000) {
        int64_t n = 0;
        tftp_window_find_lost(&w, now);
        while ((n = tftp_window_next(&w, n)) != 0) {
            tftp_window_sent(&w, n, now);
            if (++dice % 3 != 0) {
                int64_t number = tftp_unwrap(a.base + 1, (uint16_t)n);
                assert_int_equal(number, n);
                if (tftp_receiver_arrived(&a, number) == TFTP_NEXT)
                    while (tftp_receiver_has_next(&a))
                        tftp_receiver_arrived(&a, a.base + 1);
            }
            n++;
        }
        size_t count = tftp_receiver_bits(&a, bits);
        if (!tftp_window_acked(&w, a.base, bits, count, now + 500))
            tftp_window_expired(&w);
        assert_true(now < 100000000);
    }
    assert_int_equal(a.base, 70000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stop_and_wait_has_one_under_way),
        cmocka_unit_test(an_ack_that_comes_twice_sends_nothing),
        cmocka_unit_test(an_ack_of_nothing_is_no_news),
        cmocka_unit_test(a_window_goes_back_to_where_it_broke),
        cmocka_unit_test(a_round_trip_takes_a_microsecond_at_least),
        cmocka_unit_test(what_arrived_behind_a_gap_is_not_sent_again),
        cmocka_unit_test(silence_makes_all_lost_and_the_window_small),
        cmocka_unit_test(the_window_opens_as_acks_come),
        cmocka_unit_test(the_first_block_is_sent_again_after_two_round_trips),
        cmocka_unit_test(the_last_block_ends_it),
        cmocka_unit_test(a_plain_receiver_acks_each_window),
        cmocka_unit_test(a_selective_receiver_keeps_what_is_ahead),
        cmocka_unit_test(lock_step_has_no_answer_for_a_future_block),
        cmocka_unit_test(a_long_file_gets_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
