/*
 * tests/test_byte_ring.c -- what tcp/stream_player/byte_ring.h promises.
 */
#define _GNU_SOURCE // MAP_ANONYMOUS
#include "unit.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../tcp/stream_player/byte_ring.h"

static struct byte_ring ring;

static void an_empty_ring_has_nothing_and_a_full_one_no_room(void **state)
{
    (void)state;
    static char bytes[BYTE_RING_SIZE + 1];
    const char *out;

    ring = (struct byte_ring){0};
    assert_int_equal(byte_ring_look(&ring, &out), 0);
    assert_int_equal(byte_ring_put(&ring, bytes, sizeof bytes), BYTE_RING_SIZE);
    assert_int_equal(byte_ring_put(&ring, bytes, 1), 0);
    assert_int_equal(byte_ring_look(&ring, &out), BYTE_RING_SIZE);
    byte_ring_took(&ring, 3);
    assert_int_equal(byte_ring_put(&ring, bytes, 100), 3);
}

// Also where the counts go through 0.
static void bytes_come_out_in_order(void **state)
{
    (void)state;
    const uint32_t starts[] = {0, UINT32_MAX - 99, BYTE_RING_SIZE * 2 - 50};
    char in[77], want = 0;
    const char *out;

    for (size_t k = 0; k < 3; k++) {
        ring = (struct byte_ring){0};
        ring.tail = ring.head = starts[k] & ~1u;
        for (int round = 0; round < 2000; round++) {
            for (size_t i = 0; i < sizeof in; i++)
                in[i] = (char)(want + (char)i);
            assert_int_equal(byte_ring_put(&ring, in, sizeof in), sizeof in);
            for (size_t left = sizeof in; left > 0;) {
                ptrdiff_t n = byte_ring_look(&ring, &out);
                assert_in_range(n, 1, left);
                for (ptrdiff_t i = 0; i < n; i++, want++)
                    assert_int_equal(out[i], want);
                byte_ring_took(&ring, (size_t)n);
                left -= (size_t)n;
            }
            assert_int_equal(byte_ring_look(&ring, &out), 0);
        }
    }
}

static void the_end_comes_after_the_last_byte(void **state)
{
    (void)state;
    const char *out;

    ring = (struct byte_ring){0};
    byte_ring_put(&ring, "ab", 2);
    byte_ring_end(&ring);
    assert_int_equal(byte_ring_look(&ring, &out), 2);
    byte_ring_took(&ring, 1);
    assert_int_equal(byte_ring_look(&ring, &out), 1);
    byte_ring_took(&ring, 1);
    assert_int_equal(byte_ring_look(&ring, &out), -1);
    byte_ring_await_bytes(&ring); // and nobody sleeps any more
}

// A writer and a reader, each of which has to wait for the other at times.
static void two_processes_share_it(void **state)
{
    (void)state;
    const size_t total = 3000001;
    struct byte_ring *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);

    pid_t child = fork();
    if (child == 0) {
        static char bytes[70001];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)(i % 251);
        for (size_t done = 0; done < total;) {
            size_t at = done % 251, count = sizeof bytes - at;
            if (count > total - done)
                count = total - done;
            size_t n = byte_ring_put(shared, bytes + at, count);
            done += n;
            if (n == 0)
                byte_ring_await_room(shared);
        }
        byte_ring_end(shared);
        _exit(0);
    }
    const char *out;
    size_t got = 0;
    for (ptrdiff_t n; (n = byte_ring_look(shared, &out)) != -1;) {
        for (ptrdiff_t i = 0; i < n; i++, got++)
            if (out[i] != (char)(got % 251))
                fail_msg("byte %zu", got);
        byte_ring_took(shared, (size_t)n);
        if (n == 0)
            byte_ring_await_bytes(shared);
    }
    assert_int_equal(got, total);
    assert_int_equal(waitpid(child, NULL, 0), child);
    munmap(shared, sizeof *shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_ring_has_nothing_and_a_full_one_no_room),
        cmocka_unit_test(bytes_come_out_in_order),
        cmocka_unit_test(the_end_comes_after_the_last_byte),
        cmocka_unit_test(two_processes_share_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
