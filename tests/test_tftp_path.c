/*
 * tests/test_tftp_path.c -- what udp/tftp/tftp_path.h promises, over a line of
 * a given rate, delay, loss and queue.
 */
#include "unit.h"

#include <stdlib.h>

#include "../udp/tftp/tftp_path.h"

#define ONE_WAY 5000L // microseconds
#define FLIGHT 100000 // blocks that this test remembers

struct line {
    double rate;       // blocks a microsecond
    double queue;      // blocks that wait for it, at most
    unsigned loses;    // percent
    double busy_until; // the last block in the queue has left
    uint32_t dice;
};

struct sent {
    int64_t sent, due; // when its ACK comes, or it is found lost
    bool lost, done;
    struct tftp_path_stamp stamp;
};

static struct tftp_path path;
static struct line line;
static struct sent flight[FLIGHT];
static int oldest, newest; // blocks in flight
static unsigned in_flight;
static int64_t now, srtt;
static int arrived, dropped;

static void start(double rate, double queue, unsigned loses)
{
    tftp_path_start(&path, TFTP_PATH_FIRST, 4096);
    line = (struct line){.rate = rate, .queue = queue, .loses = loses};
    oldest = newest = arrived = dropped = 0;
    in_flight = 0;
    now = 1000;
    srtt = 2 * ONE_WAY;
}

// A block is sent now.
static void line_pass(struct sent *s)
{
    double waits = line.busy_until > (double)now
                       ? (line.busy_until - (double)now) * line.rate
                       : 0;

    *s = (struct sent){.sent = now, .due = now + srtt + srtt / 4};
    line.dice = line.dice * 1664525 + 1013904223;
    s->lost = (line.dice >> 8) % 100 < line.loses;
    if (waits > line.queue) {
        dropped++;
        s->lost = true;
        return;
    }
    if (waits == 0)
        line.busy_until = (double)now;
    line.busy_until += 1 / line.rate;
    if (!s->lost)
        s->due = (int64_t)line.busy_until + 2 * ONE_WAY;
}

// It is acknowledged, or found lost.
static void line_end(struct sent *s)
{
    s->done = true;
    in_flight--;
    if (s->lost) {
        tftp_path_lost(&path);
        return;
    }
    tftp_path_arrived(&path, &s->stamp, s->sent, now);
    srtt = (7 * srtt + now - s->sent) / 8;
    tftp_path_acked(&path, now - s->sent, srtt, now);
    arrived++;
}

// Send as the path says until that moment.
static void run(int64_t until)
{
    for (; now < until; now += 10) {
        for (int i = oldest; i < newest; i++) {
            struct sent *s = &flight[i % FLIGHT];
            if (!s->done && s->due <= now)
                line_end(s);
            else if (!s->done && !s->lost)
                break; // what was sent later arrives later
        }
        while (oldest < newest && flight[oldest % FLIGHT].done)
            oldest++;
        while (in_flight < path.window && tftp_path_next(&path, now) == 0) {
            struct sent *s = &flight[newest++ % FLIGHT];
            line_pass(s);
            s->stamp = tftp_path_sent(&path, in_flight++, now);
        }
    }
}

static bool about(double value, double wanted)
{
    return value > 0.9 * wanted && value < 1.1 * wanted;
}

static void the_window_doubles_until_the_line_is_full(void **state)
{
    (void)state;
    start(0.05, 10000, 0);
    run(12500);
    assert_false(path.is_full);
    assert_in_range(path.window, 2 * TFTP_PATH_FIRST - 2, 2 * TFTP_PATH_FIRST);
    run(500000);
    assert_true(path.is_full);
}

static void the_rate_is_that_of_the_line(void **state)
{
    (void)state;
    static const double rates[] = {0.005, 0.01, 0.02, 0.04, 0.08};

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        const double rate = rates[i];
        start(rate, 10000, 0);
        run(1000000);
        assert_true(about(tftp_path_rate(&path), rate));
        assert_in_range(path.min_rtt, 2 * ONE_WAY, 2 * ONE_WAY + 300);
        assert_true(about(path.window, 2 * rate * (double)path.min_rtt));
    }
}

static void the_queue_stays_short(void **state)
{
    (void)state;
    start(0.01, 10000, 0);
    run(1000000);
    assert_true(srtt < 2 * ONE_WAY * 3 / 2);
}

// A radio link: what is lost is no reason to send less.
static void loss_alone_does_not_slow_it_down(void **state)
{
    (void)state;
    for (unsigned loses = 1; loses <= 10; loses += 3) {
        start(0.02, 10000, loses);
        run(3000000);
        assert_true(arrived > 0.8 * (100 - loses) / 100 * 0.02 * 3000000);
    }
}

static void a_short_queue_is_not_overrun(void **state)
{
    (void)state;
    start(0.02, 20, 0);
    run(3000000);
    assert_true(arrived > 0.8 * 0.02 * 3000000);
    assert_true(dropped < 0.1 * arrived);
}

static void a_slower_line_is_noticed(void **state)
{
    (void)state;
    start(0.05, 10000, 0);
    run(1000000);
    line.rate = 0.005;
    run(8000000);
    assert_true(about(tftp_path_rate(&path), 0.005));
}

static void a_faster_line_is_noticed(void **state)
{
    (void)state;
    start(0.005, 10000, 0);
    run(1000000);
    line.rate = 0.05;
    run(4000000);
    assert_true(about(tftp_path_rate(&path), 0.05));
}

static void silence_makes_the_window_small(void **state)
{
    (void)state;
    start(0.02, 10000, 0);
    run(1000000);
    tftp_path_expired(&path);
    assert_int_equal(path.window, TFTP_PATH_MIN);
    assert_int_equal(path.next_send, 0);
    assert_true(path.share < 0.6);
}

// A path of 10 blocks a millisecond, whose rate has been found.
static void start_full(void)
{
    tftp_path_start(&path, TFTP_PATH_FIRST, 4096);
    path.is_full = true;
    path.rates[0] = 0.01;
    path.min_rtt = 10000;
    path.phase = 2;
}

static void a_block_may_follow_at_the_rate_of_the_line(void **state)
{
    (void)state;
    start_full();
    path.next_send = 99900;
    tftp_path_sent(&path, 1, 100000);
    assert_int_equal(path.next_send, 100000);
    tftp_path_sent(&path, 1, 200000); // long after it might have been sent
    assert_int_equal(path.next_send, 200000 - TFTP_PATH_BURST + 100);
}

static void it_is_slower_while_there_is_a_queue_but_not_for_ever(void **state)
{
    (void)state;
    start_full();
    path.phase = 1;
    path.phase_start = 1;
    tftp_path_set_phase(&path, 11250, 10000); // an eighth above: no queue
    assert_int_equal(path.phase, 1);
    tftp_path_set_phase(&path, 11251, 10001);
    assert_int_equal(path.phase, 1);
    tftp_path_set_phase(&path, 11251, 50000);
    assert_int_equal(path.phase, 1);
    tftp_path_set_phase(&path, 11251, 50001);
    assert_int_equal(path.phase, 2);
    path.phase = 1;
    path.phase_start = 1;
    tftp_path_set_phase(&path, 11250, 10001);
    assert_int_equal(path.phase, 2);
}

// A round ends in which so many of 100 were lost.
static void end_round(unsigned lost, bool is_late)
{
    path.lost = lost;
    path.arrived = 100 - lost;
    tftp_path_end_round(&path, is_late);
}

// Whether that ends the doubling.
static bool is_full_after(unsigned lost, bool is_late)
{
    start_full();
    path.is_full = false;
    end_round(lost, is_late);
    return path.is_full;
}

static void
what_is_lost_shows_a_full_queue_sooner_if_packets_are_late(void **state)
{
    (void)state;
    assert_false(is_full_after(2, true));
    assert_true(is_full_after(3, true));
    assert_false(is_full_after(25, false));
    assert_true(is_full_after(26, false));
}

static double share_after(double share, unsigned lost, bool is_late)
{
    start_full();
    path.share = share;
    end_round(lost, is_late);
    return path.share;
}

static void in_a_queue_of_others_its_share_is_less_after_a_loss(void **state)
{
    (void)state;
    assert_true(about(share_after(1, 2, true), 0.6));
    assert_true(share_after(1, 1, true) > 1);
    assert_true(share_after(1, 2, false) < 1);
    assert_true(share_after(0.9, 2, false) > 0.9);
    assert_true(share_after(TFTP_PATH_SHARE, 2, true) >= TFTP_PATH_SHARE);
    assert_true(share_after(TFTP_PATH_MORE, 0, true) <= TFTP_PATH_MORE);
}

static void a_window_of_few_blocks_stays_one(void **state)
{
    (void)state;
    start(0.02, 10000, 5);
    path.max = path.window = 4;
    run(1000000);
    assert_int_equal(path.window, 4);
    tftp_path_expired(&path);
    assert_int_equal(path.window, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_doubles_until_the_line_is_full),
        cmocka_unit_test(the_rate_is_that_of_the_line),
        cmocka_unit_test(the_queue_stays_short),
        cmocka_unit_test(loss_alone_does_not_slow_it_down),
        cmocka_unit_test(a_short_queue_is_not_overrun),
        cmocka_unit_test(a_slower_line_is_noticed),
        cmocka_unit_test(a_faster_line_is_noticed),
        cmocka_unit_test(silence_makes_the_window_small),
        cmocka_unit_test(a_block_may_follow_at_the_rate_of_the_line),
        cmocka_unit_test(it_is_slower_while_there_is_a_queue_but_not_for_ever),
        cmocka_unit_test(
            what_is_lost_shows_a_full_queue_sooner_if_packets_are_late),
        cmocka_unit_test(in_a_queue_of_others_its_share_is_less_after_a_loss),
        cmocka_unit_test(a_window_of_few_blocks_stays_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
