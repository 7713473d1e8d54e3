/*
 * tests/test_tftp.c -- what common/tftp.h, tftp_options.h,
 * tftp_negotiate.h and tftp_crc.h promise.
 */
#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../udp/tftp/tftp_error.h"
#include "../udp/tftp/tftp_negotiate.h"

static struct cksum sum;
static struct tftp_packet p;
static struct tftp_options o;

// A string with its zeros, and without the last.
#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static void packets_are_these_bytes(void **state)
{
    (void)state;
    uint8_t packet[64];

    assert_true(tftp_decode(&p, BYTES("\0\1dir/file\0octet\0")));
    assert_int_equal(p.opcode, TFTP_RRQ);
    assert_string_equal(p.path, "dir/file");
    assert_string_equal(p.mode, "octet");
    assert_int_equal(p.count, 0);

    assert_true(tftp_decode(&p, BYTES("\0\2f\0netascii\0tsize\0"
                                      "12\0")));
    assert_int_equal(p.opcode, TFTP_WRQ);
    assert_int_equal(p.count, 9);

    assert_true(tftp_decode(&p, BYTES("\0\3\1\2abc")));
    assert_int_equal(p.opcode, TFTP_DATA);
    assert_int_equal(p.block, 0x0102);
    assert_memory_equal(p.bytes, "abc", p.count);
    tftp_put_header(packet, TFTP_DATA, 0x50102);
    assert_memory_equal(packet, "\0\3\1\2", 4);

    assert_true(tftp_decode(&p, BYTES("\0\4\xff\xff")));
    assert_int_equal(p.opcode, TFTP_ACK);
    assert_int_equal(p.block, 65535);

    assert_int_equal(
        tftp_put_error(packet, sizeof packet, TFTP_ERROR_EXISTS, "No"), 7);
    assert_memory_equal(packet, "\0\5\0\6No\0", 7);
    assert_int_equal(tftp_put_error(packet, 6, TFTP_ERROR_EXISTS, "No"), 6);
    assert_memory_equal(packet, "\0\5\0\6N\0", 6);
    assert_true(tftp_decode(&p, BYTES("\0\5\0\1No zero")));
    assert_int_equal(p.count, 7);
}

static void every_error_has_a_text(void **state)
{
    (void)state;
    assert_true(tftp_decode(&p, BYTES("\0\5\0\1Not here\0")));
    assert_string_equal(tftp_error_from_packet(&p).text, "Not here");
    assert_true(tftp_decode(&p, BYTES("\0\5\0\1\0")));
    assert_string_equal(tftp_error_from_packet(&p).text, "File not found");
    assert_true(tftp_decode(&p, BYTES("\0\5\1\1\0")));
    assert_string_equal(tftp_error_from_packet(&p).text, "Error 257");
    assert_int_equal(tftp_error_from_packet(&p).code, 257);
    assert_true(tftp_decode(&p, BYTES("\0\5\0\0")));
    assert_string_equal(tftp_error_from_packet(&p).text,
                        "Error without a text");
    assert_int_equal(tftp_error_from_errno(ENOSPC).code, TFTP_ERROR_DISK_FULL);
}

static void what_is_no_packet_is_refused(void **state)
{
    (void)state;
    assert_false(tftp_decode(&p, BYTES("")));
    assert_false(tftp_decode(&p, BYTES("\0\4\0")));
    assert_false(tftp_decode(&p, BYTES("\0\0\0\0")));
    assert_false(tftp_decode(&p, BYTES("\0\7\0\0")));
    assert_false(tftp_decode(&p, BYTES("\1\3\0\0")));
    assert_false(tftp_decode(&p, BYTES("\0\1\0octet\0")));   // no path
    assert_false(tftp_decode(&p, BYTES("\0\1file\0octet"))); // no end
    assert_false(tftp_decode(&p, BYTES("\0\1file")));
}

// Cut off anywhere, a request is refused, or has options less.
static void every_truncation_is_safe(void **state)
{
    (void)state;
    const char request[] = "\0\1file\0octet\0blksize\0"
                           "1428\0tsize\0"
                           "0\0";

    for (size_t n = 0; n < sizeof request; n++) {
        uint8_t *copy = malloc(n + 1); // so that ASan sees what is behind
        assert_non_null(copy);
        memcpy(copy, request, n);
        bool is_packet = tftp_decode(&p, copy, n);
        assert_int_equal(is_packet, n >= 13);
        if (is_packet && tftp_options_get(&o, &p))
            assert_true(n == 13 || n == 26 || n == 34);
        free(copy);
    }
}

static void block_numbers_wrap(void **state)
{
    (void)state;
    assert_int_equal(tftp_unwrap(1, 1), 1);
    assert_int_equal(tftp_unwrap(65535, 65535), 65535);
    assert_int_equal(tftp_unwrap(65535, 1), 65537);
    assert_int_equal(tftp_unwrap(65536, 0), 65536);
    assert_int_equal(tftp_unwrap(65537, 65535), 65535);
    assert_int_equal(tftp_unwrap(200000, (uint16_t)199990), 199990);
    assert_int_equal(tftp_unwrap(0, 65535), -1);
}

static bool options_of(const uint8_t *text, size_t n)
{
    p = (struct tftp_packet){.bytes = text, .count = n};
    return tftp_options_get(&o, &p);
}

static void options_are_read(void **state)
{
    (void)state;
    assert_true(options_of(BYTES("BlkSize\0"
                                 "1428\0x\0y\0tsize\0"
                                 "0\0")));
    assert_int_equal(o.set,
                     1U << TFTP_OPTION_BLKSIZE | 1U << TFTP_OPTION_TSIZE);
    assert_int_equal(o.value[TFTP_OPTION_BLKSIZE], 1428);

    // Only the first of two counts.
    assert_true(options_of(BYTES("timeout\0"
                                 "3\0timeout\0"
                                 "4\0")));
    assert_int_equal(o.value[TFTP_OPTION_TIMEOUT], 3);
}

static void options_that_make_no_sense_are_left_out(void **state)
{
    (void)state;
    static const char *const values[] = {"7",
                                         "65465",
                                         "",
                                         "-8",
                                         "+8",
                                         " 8",
                                         "8 ",
                                         "0x10",
                                         "1e3",
                                         "99999999999999999999999",
                                         "18446744073709551624"};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[64] = "blksize";
        size_t n = sizeof "blksize" + strlen(values[i]) + 1;
        memcpy(text + sizeof "blksize", values[i], strlen(values[i]) + 1);
        assert_false(options_of((const uint8_t *)text, n));
        assert_int_equal(o.set, 0);
    }
    assert_false(options_of(BYTES("blksize\0"
                                  "1428"))); // no end
    assert_false(options_of(BYTES("blksize\0")));
    assert_false(options_of(BYTES("blksize")));
}

static bool is_taken(const char *name, uint64_t value)
{
    char text[64];
    int n = snprintf(text, sizeof text, "%s%c%" PRIu64, name, 0, value);

    return options_of((const uint8_t *)text, (size_t)n + 1);
}

// RFC 2348, 2349 and 7440; and ours.
static void each_option_has_its_range(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t least, most;
    } ranges[] = {
        {"blksize", 8, 65464},    {"timeout", 1, 255},
        {"sack", 1, 1},           {"windowsize", 1, 65535},
        {"cksum", 0, 4294967295}, {"crc", 0, 4294967295},
    };

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        assert_true(is_taken(ranges[i].name, ranges[i].least));
        assert_true(is_taken(ranges[i].name, ranges[i].most));
        assert_false(is_taken(ranges[i].name, ranges[i].most + 1));
        if (ranges[i].least > 0)
            assert_false(is_taken(ranges[i].name, ranges[i].least - 1));
    }
}

static void decoding_undoes_encoding(void **state)
{
    (void)state;
    uint8_t packet[256] = "\0\6";
    struct tftp_options all = {
        .set = (1U << TFTP_OPTION_COUNT) - 1,
        .value = {1428, 2, INT64_MAX, 64, 1000, UINT32_MAX, 1, 0}};

    size_t n = tftp_options_put(packet, 2, sizeof packet, &all, &sum);
    assert_true(n > 0);
    assert_true(tftp_decode(&p, packet, n));
    assert_true(tftp_options_get(&o, &p));
    assert_int_equal(o.set, all.set);
    assert_memory_equal(o.value, all.value, TFTP_OPTION_CRC * sizeof *o.value);
    assert_true(tftp_options_intact(&o, packet, n, &sum));

    for (size_t at = 2; at < n; at++) { // any byte that rots is found
        packet[at] ^= 1;
        bool holds = tftp_decode(&p, packet, n) && tftp_options_get(&o, &p) &&
                     tftp_options_has(&o, TFTP_OPTION_CRC) &&
                     tftp_options_intact(&o, packet, n, &sum);
        assert_false(holds);
        packet[at] ^= 1;
    }
    for (size_t size = 2; size < n; size++)
        assert_int_equal(tftp_options_put(packet, 2, size, &all, &sum), 0);
}

// Two words change places: a zero elsewhere makes values of names, and UDP's
// checksum stays the same. It must not pass for a request without a CRC.
static void a_request_with_two_words_swapped_is_not_taken(void **state)
{
    (void)state;
    static uint8_t bad[256]; // p points into it
    uint8_t packet[256] = "\0\1file\0netascii";
    struct tftp_options text = {.value = {1428, 0, 0, 64, 0, 0, 1, 0}};
    text.set = 1U << TFTP_OPTION_BLKSIZE | 1U << TFTP_OPTION_WINDOWSIZE |
               1U << TFTP_OPTION_OFFSET | 1U << TFTP_OPTION_SACK |
               1U << TFTP_OPTION_CRC;

    size_t n = tftp_options_put(packet, 16, sizeof packet, &text, &sum);
    for (size_t a = 0; a + 2 <= n; a += 2)
        for (size_t b = a + 2; b + 2 <= n; b += 2) {
            memcpy(bad, packet, n);
            memcpy(bad + a, packet + b, 2);
            memcpy(bad + b, packet + a, 2);
            if (memcmp(bad, packet, n) == 0 || !tftp_decode(&p, bad, n))
                continue;
            tftp_options_get(&o, &p);
            if (tftp_options_intact(&o, bad, n, &sum))
                fail_msg("bytes %zu and %zu", a, b);
        }
}

static void rot_is_found(void **state)
{
    (void)state;
    uint8_t packet[64] = "\0\3\0\1some bytes";

    size_t n = tftp_crc_append(&sum, 1, packet, 14);
    assert_int_equal(n, 18);
    assert_true(tftp_crc_ok(&sum, 1, packet, n));
    assert_false(tftp_crc_ok(&sum, 65537, packet, n)); // too old
    assert_false(tftp_crc_ok(&sum, 1, packet, n - 1));
    for (size_t i = 0; i < 4; i++)
        assert_false(tftp_crc_ok(&sum, 1, packet, i));
    for (size_t bit = 0; bit < n * 8; bit++) {
        packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(tftp_crc_ok(&sum, 1, packet, n));
        packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void a_server_grants_what_it_can(void **state)
{
    (void)state;
    struct tftp_options asked = {0};
    struct tftp_options g;

    g = tftp_negotiate_grant(&asked, TFTP_RRQ, true, 100, false);
    assert_int_equal(g.set, 0); // a plain client gets plain TFTP

    tftp_options_set(&asked, TFTP_OPTION_TSIZE, 0);
    g = tftp_negotiate_grant(&asked, TFTP_RRQ, true, 100, false);
    assert_int_equal(g.value[TFTP_OPTION_TSIZE], 100);
    g = tftp_negotiate_grant(&asked, TFTP_RRQ, false, 100, false);
    assert_int_equal(g.set, 0); // a text gets longer on the way

    tftp_options_set(&asked, TFTP_OPTION_BLKSIZE, 65464);
    tftp_options_set(&asked, TFTP_OPTION_WINDOWSIZE, 65535);
    g = tftp_negotiate_grant(&asked, TFTP_RRQ, true, 100, false);
    assert_true(g.value[TFTP_OPTION_WINDOWSIZE] * 65464 <= TFTP_MEMORY);
    tftp_options_set(&asked, TFTP_OPTION_BLKSIZE, 8);
    g = tftp_negotiate_grant(&asked, TFTP_RRQ, true, 100, false);
    assert_int_equal(g.value[TFTP_OPTION_WINDOWSIZE], TFTP_WINDOW_MAX);

    tftp_options_set(&asked, TFTP_OPTION_OFFSET, 50);
    g = tftp_negotiate_grant(&asked, TFTP_RRQ, true, 100, true);
    assert_false(
        tftp_options_has(&g, TFTP_OPTION_OFFSET)); // not without a checksum
    tftp_options_set(&asked, TFTP_OPTION_CKSUM, 1);
    g = tftp_negotiate_grant(&asked, TFTP_RRQ, true, 100, true);
    assert_int_equal(g.value[TFTP_OPTION_OFFSET], 50);
    g = tftp_negotiate_grant(&asked, TFTP_RRQ, true, 100, false);
    assert_int_equal(g.value[TFTP_OPTION_OFFSET], 0);
}

static void a_client_accepts_what_it_asked_for(void **state)
{
    (void)state;
    struct tftp_options asked = {0};
    struct tftp_options g = {0};

    assert_true(tftp_negotiate_accept(&asked, &g, TFTP_RRQ));
    tftp_options_set(&g, TFTP_OPTION_BLKSIZE, 512);
    assert_false(
        tftp_negotiate_accept(&asked, &g, TFTP_RRQ)); // was not asked for
    tftp_options_set(&asked, TFTP_OPTION_BLKSIZE, 512);
    assert_true(tftp_negotiate_accept(&asked, &g, TFTP_RRQ));
    g.value[TFTP_OPTION_BLKSIZE] = 513;
    assert_false(tftp_negotiate_accept(&asked, &g, TFTP_RRQ));
    g.value[TFTP_OPTION_BLKSIZE] = 8;
    assert_true(tftp_negotiate_accept(&asked, &g, TFTP_RRQ));

    tftp_options_set(&asked, TFTP_OPTION_WINDOWSIZE, 4);
    tftp_options_set(&g, TFTP_OPTION_WINDOWSIZE, 5);
    assert_false(tftp_negotiate_accept(&asked, &g, TFTP_RRQ));
    g.value[TFTP_OPTION_WINDOWSIZE] = 1;
    assert_true(tftp_negotiate_accept(&asked, &g, TFTP_RRQ));

    for (unsigned i = TFTP_OPTION_TSIZE; i < TFTP_OPTION_COUNT; i++)
        asked.set |= 1U << i;
    asked.value[TFTP_OPTION_OFFSET] = 10;
    tftp_options_set(&g, TFTP_OPTION_TSIZE, 100);
    tftp_options_set(&g, TFTP_OPTION_CKSUM, 0);
    tftp_options_set(&g, TFTP_OPTION_OFFSET, 10);
    assert_false(
        tftp_negotiate_accept(&asked, &g, TFTP_RRQ)); // ours, without crc
    tftp_options_set(&g, TFTP_OPTION_CRC, 0);
    assert_true(tftp_negotiate_accept(&asked, &g, TFTP_RRQ));
    g.value[TFTP_OPTION_OFFSET] = 0;
    assert_true(tftp_negotiate_accept(&asked, &g, TFTP_RRQ));
    g.value[TFTP_OPTION_OFFSET] = 9;
    assert_false(tftp_negotiate_accept(&asked, &g, TFTP_RRQ));
    g.value[TFTP_OPTION_OFFSET] = 10;
    g.value[TFTP_OPTION_TSIZE] = 9; // before that
    assert_false(tftp_negotiate_accept(&asked, &g, TFTP_RRQ));
    g.set &= ~(1U << TFTP_OPTION_TSIZE);
    assert_false(tftp_negotiate_accept(&asked, &g, TFTP_RRQ));
}

// Random bytes, and requests in which some are random. TFTP_FUZZ=1000000 for
// more of them.
static void random_datagrams_are_survived(void **state)
{
    (void)state;
    const char *count = getenv("TFTP_FUZZ");
    long most = count ? strtol(count, NULL, 10) : 20000;
    const char request[] = "\0\1file\0octet\0blksize\0"
                           "1428\0windowsize\0"
                           "64\0tsize\0"
                           "0\0"
                           "offset\0"
                           "10\0cksum\0"
                           "123\0sack\0"
                           "1\0crc\0"
                           "4242\0";
    uint32_t random = 1;

    for (long i = 0; i < most; i++) {
        size_t n = (random >> 8) % 160;
        uint8_t *datagram = malloc(n + 1);
        assert_non_null(datagram);
        for (size_t k = 0; k < n; k++) {
            random = random * 1664525 + 1013904223;
            bool rot = i % 3 == 0 || random >> 27 == 0 || k >= sizeof request;
            datagram[k] = (uint8_t)(rot ? random >> 16 : (uint32_t)request[k]);
        }
        if (i % 3 == 0 && n > 1) {
            datagram[0] = 0;
            datagram[1] %= 8;
        }
        if (tftp_decode(&p, datagram, n)) {
            tftp_options_get(&o, &p);
            tftp_options_intact(&o, datagram, n, &sum);
            tftp_crc_ok(&sum, 7, datagram, n);
            struct tftp_options g =
                tftp_negotiate_grant(&o, TFTP_RRQ, true, 5, i % 2);
            assert_true(tftp_negotiated_block(&g) >= 8);
            assert_in_range(tftp_negotiated_window(&g), 1, TFTP_WINDOW_MAX);
            assert_true(tftp_negotiated_block(&g) *
                            tftp_negotiated_window(&g) <=
                        TFTP_MEMORY);
        }
        free(datagram);
        random = random * 1664525 + 1013904223;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_are_these_bytes),
        cmocka_unit_test(every_error_has_a_text),
        cmocka_unit_test(what_is_no_packet_is_refused),
        cmocka_unit_test(every_truncation_is_safe),
        cmocka_unit_test(block_numbers_wrap),
        cmocka_unit_test(options_are_read),
        cmocka_unit_test(options_that_make_no_sense_are_left_out),
        cmocka_unit_test(each_option_has_its_range),
        cmocka_unit_test(decoding_undoes_encoding),
        cmocka_unit_test(a_request_with_two_words_swapped_is_not_taken),
        cmocka_unit_test(rot_is_found),
        cmocka_unit_test(a_server_grants_what_it_can),
        cmocka_unit_test(a_client_accepts_what_it_asked_for),
        cmocka_unit_test(random_datagrams_are_survived),
    };

    cksum_start(&sum);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
