/*
 * tests/test_tftp_segments.c -- what udp/tftp/tftp_segments.h and
 * tftp_datagrams.h promise.
 */
#define _GNU_SOURCE // sendmmsg, recvmmsg
#include "unit.h"

#include <arpa/inet.h>
#include <unistd.h>

#include "../udp/tftp/tftp_datagrams.h"

#define SIZE 100
#define COUNT 5
#define LAST 30

static int here, there; // two sockets, connected to each other
static struct tftp_datagrams arrived;

static int connect_sockets(void **state)
{
    (void)state;
    struct sockaddr_in a = {.sin_family = AF_INET}, b = a;
    socklen_t length = sizeof a;

    a.sin_addr.s_addr = b.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    here = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    there = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return bind(here, (struct sockaddr *)&a, length) == -1 ||
           bind(there, (struct sockaddr *)&b, length) == -1 ||
           getsockname(here, (struct sockaddr *)&a, &length) == -1 ||
           getsockname(there, (struct sockaddr *)&b, &length) == -1 ||
           connect(here, (struct sockaddr *)&b, length) == -1 ||
           connect(there, (struct sockaddr *)&a, length) == -1 ||
           tftp_datagrams_start(&arrived) == -1;
}

static int close_sockets(void **state)
{
    (void)state;
    free(arrived.buffer);
    close(there);
    return close(here);
}

static bool next(uint8_t **datagram, size_t *n)
{
    struct sockaddr_storage *from;
    bool more;

    return tftp_datagrams_next(&arrived, datagram, n, &from) ||
           (tftp_datagrams_receive(&arrived, there, 2, &more) > 0 &&
            tftp_datagrams_next(&arrived, datagram, n, &from));
}

// Whether count packets arrive, in order, each as it was sent.
static void check_sent(unsigned count, bool *one_by_one)
{
    uint8_t packets[COUNT * SIZE], *datagram;
    size_t n;

    for (size_t i = 0; i < sizeof packets; i++)
        packets[i] = (uint8_t)i;
    assert_int_equal(
        tftp_segments_send(here, packets, SIZE, count, LAST, one_by_one), 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(next(&datagram, &n));
        assert_int_equal(n, i + 1 < count ? SIZE : LAST);
        assert_memory_equal(datagram, packets + i * SIZE, n);
    }
    assert_false(next(&datagram, &n));
}

static void many_go_as_one(void **state)
{
    (void)state;
    bool one_by_one = false;

    check_sent(COUNT, &one_by_one);
    check_sent(2, &one_by_one);
    check_sent(1, &one_by_one);
}

static void or_one_by_one(void **state)
{
    (void)state;
    bool one_by_one = true;

    check_sent(COUNT, &one_by_one);
    check_sent(2, &one_by_one);
    assert_true(one_by_one);
}

static void or_arrive_as_one(void **state)
{
    (void)state;
    const int on = 1;
    bool one_by_one = false;

    if (setsockopt(there, IPPROTO_UDP, UDP_GRO, &on, sizeof on) == -1)
        skip_test("it runs on Linux 5.0 or newer");
    check_sent(COUNT, &one_by_one);
    one_by_one = true;
    check_sent(COUNT, &one_by_one);
}

// Sent in any way: the error of the first comes with the second.
static void a_peer_that_has_gone_refuses(void **state)
{
    (void)state;
    const uint8_t packets[2 * SIZE] = {0};

    close(there);
    there = -1;
    for (unsigned count = 1; count <= 2; count++)
        for (int way = 0; way < 2; way++) {
            bool one_by_one = way == 1;
            send(here, packets, 1, 0);
            assert_int_equal(tftp_segments_send(here, packets, SIZE, count,
                                                SIZE, &one_by_one),
                             -1);
            assert_int_equal(errno, ECONNREFUSED);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_go_as_one, connect_sockets,
                                        close_sockets),
        cmocka_unit_test_setup_teardown(or_one_by_one, connect_sockets,
                                        close_sockets),
        cmocka_unit_test_setup_teardown(or_arrive_as_one, connect_sockets,
                                        close_sockets),
        cmocka_unit_test_setup_teardown(a_peer_that_has_gone_refuses,
                                        connect_sockets, close_sockets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
