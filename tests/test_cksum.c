/*
 * tests/test_cksum.c -- what common/cksum.h promises.
 */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../common/cksum.h"

static uint32_t cksum_of(const void *bytes, size_t n)
{
    struct cksum sum;

    cksum_start(&sum);
    cksum_add(&sum, bytes, n);
    return cksum_end(&sum);
}

// As POSIX describes it, a bit at a time.
static uint32_t by_the_book(const uint8_t *bytes, size_t n)
{
    uint32_t crc = 0;
    size_t length = n;

    for (size_t i = 0; i < n || length > 0; i++) {
        uint8_t byte = i < n ? bytes[i] : (uint8_t)length;
        if (i >= n)
            length >>= 8;
        crc ^= (uint32_t)byte << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7 : 0);
    }
    return ~crc;
}

static void fill(uint8_t *bytes, size_t n)
{
    uint32_t x = 2463534242;

    for (size_t i = 0; i < n; i++) {
        x ^= x << 13; // xorshift: the same bytes on every run
        x ^= x >> 17;
        x ^= x << 5;
        bytes[i] = (uint8_t)x;
    }
}

static void known_sums_are_these(void **state)
{
    (void)state;
    // From cksum(1).
    assert_int_equal(cksum_of(NULL, 0), 4294967295);
    assert_int_equal(cksum_of("", 1), 4215202376);
    assert_int_equal(cksum_of("123456789", 9), 930766865);
}

static void every_length_is_as_by_the_book(void **state)
{
    (void)state;
    uint8_t bytes[1100];
    fill(bytes, sizeof bytes);

    for (size_t n = 0; n <= 1024; n++) {
        size_t at = n % 67; // and not aligned
        assert_int_equal(cksum_of(bytes + at, n), by_the_book(bytes + at, n));
    }
}

static void the_tables_alone_say_the_same(void **state)
{
    (void)state;
    uint8_t bytes[8192];
    struct cksum fast;
    fill(bytes, sizeof bytes);

    cksum_start(&fast);
    cksum_add(&fast, bytes, sizeof bytes);
    assert_int_equal(fast.crc, cksum_by_table(&fast, 0, bytes, sizeof bytes));
}

static void pieces_make_up_the_whole(void **state)
{
    (void)state;
    uint8_t bytes[8192];
    struct cksum sum;
    fill(bytes, sizeof bytes);

    cksum_start(&sum);
    for (size_t at = 0, n = 0; at < sizeof bytes; at += n, n = n * 2 + 1) {
        if (n > sizeof bytes - at)
            n = sizeof bytes - at;
        cksum_add(&sum, bytes + at, n);
        // Asking changes nothing.
        assert_int_equal(cksum_end(&sum), cksum_of(bytes, at + n));
    }
    assert_int_equal(cksum_end(&sum), by_the_book(bytes, sizeof bytes));
    assert_int_equal(sum.length, sizeof bytes);
}

static void cksum_1_says_the_same(void **state)
{
    (void)state;
    size_t n = 1000003;
    uint8_t *bytes = malloc(n);
    char path[] = "/tmp/test_cksum.XXXXXX";
    char command[sizeof "cksum " + sizeof path];
    char answer[32] = "";
    assert_non_null(bytes);
    fill(bytes, n);

    int file = mkstemp(path);
    assert_true(file != -1);
    FILE *to = fdopen(file, "w");
    assert_non_null(to);
    assert_int_equal(fwrite(bytes, 1, n, to), n);
    assert_int_equal(fclose(to), 0);
    snprintf(command, sizeof command, "cksum %s", path);
    FILE *from = popen(command, "r"); // NOLINT: a path of our own
    assert_non_null(from);
    assert_non_null(fgets(answer, sizeof answer, from));
    assert_int_equal(pclose(from), 0);
    remove(path);

    assert_int_equal(strtoul(answer, NULL, 10), cksum_of(bytes, n));
    free(bytes);
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// A figure to look at, not a promise: machines differ. "# " is TAP's comment.
static void speed_is_reported(void **state)
{
    (void)state;
    static uint8_t bytes[8192]; // of the size of a message
    struct cksum sum;
    const int rounds = 20000;
    fill(bytes, sizeof bytes);
    cksum_start(&sum);

    double start = seconds_now();
    for (int i = 0; i < rounds; i++)
        cksum_add(&sum, bytes, sizeof bytes);
    double middle = seconds_now();
    for (int i = 0; i < rounds / 10; i++)
        sum.crc = cksum_by_table(&sum, sum.crc, bytes, sizeof bytes);
    double end = seconds_now();
    assert_int_not_equal(sum.crc, 0); // used, so really computed

    double mb = rounds * (sizeof bytes / 1e6);
    printf("# cksum: %.0f MB/s, %.0f MB/s by table alone\n",
           mb / (middle - start), mb / 10 / (end - middle));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_sums_are_these),
        cmocka_unit_test(every_length_is_as_by_the_book),
        cmocka_unit_test(the_tables_alone_say_the_same),
        cmocka_unit_test(pieces_make_up_the_whole),
        cmocka_unit_test(cksum_1_says_the_same),
        cmocka_unit_test(speed_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
