/*
 * tests/test_radio.c -- what common/radio.h and udp/radio_player/tuner.h
 *                       promise.
 */
#include "unit.h"

#include "../common/radio.h"
#include "../udp/radio_player/tuner.h"

static const struct radio_header sample = {
    .flags = RADIO_START, .channel = 7, .seq = 0x01020304, .length = 3};

static size_t encode(struct radio_wire *w, const struct radio_header *h)
{
    memset(w, 0xee, sizeof *w);
    return radio_encode(w, h);
}

static void a_packet_has_these_bytes(void **state)
{
    (void)state;
    const uint8_t golden[] = {'R', 'D', 'I', 'O', 1, 1,    0,    7,   1,
                              2,   3,   4,   0,   3, 0xee, 0xee, 0xee};
    struct radio_wire w;

    assert_int_equal(encode(&w, &sample), sizeof golden);
    assert_memory_equal(&w, golden, sizeof golden);
}

static void a_packet_comes_back(void **state)
{
    (void)state;
    struct radio_wire w;
    struct radio_header h;

    size_t size = encode(&w, &sample);
    assert_true(radio_decode(&w, size, &h));
    assert_int_equal(h.flags, RADIO_START);
    assert_int_equal(h.channel, 7);
    assert_int_equal(h.seq, 0x01020304);
    assert_int_equal(h.length, 3);
}

static void any_other_size_is_refused(void **state)
{
    (void)state;
    struct radio_wire w;
    struct radio_header h, full = sample;

    size_t size = encode(&w, &sample);
    for (size_t i = 0; i < sizeof w + 10; i++)
        assert_int_equal(radio_decode(&w, i, &h), i == size);
    full.length = RADIO_BYTES_MAX;
    size = encode(&w, &full);
    assert_int_equal(size, sizeof w);
    for (size_t i = 0; i < sizeof w + 10; i++)
        assert_int_equal(radio_decode(&w, i, &h), i == size);
    w.length = htons(RADIO_BYTES_MAX + 1);
    assert_false(radio_decode(&w, sizeof w + 1, &h));
}

// Which values of each byte of the header are believed.
static void each_wrong_byte_of_the_header_is_refused(void **state)
{
    (void)state;
    struct radio_wire w;
    struct radio_header h;

    for (size_t at = 0; at < RADIO_HEADER; at++)
        for (int value = 0; value < 256; value++) {
            const size_t size = encode(&w, &sample);
            const uint8_t was = ((uint8_t *)&w)[at];
            ((uint8_t *)&w)[at] = (uint8_t)value;
            bool good = value == was;
            if (at == 5) // of the flags START or nothing
                good = value <= RADIO_START;
            if (at == 7) // the list has no flags
                good = value >= 1 && value <= RADIO_CHANNELS_MAX;
            if (at >= 8 && at < 12) // any sequence number
                good = true;
            assert_int_equal(radio_decode(&w, size, &h), good);
        }
}

static void only_an_end_has_no_bytes(void **state)
{
    (void)state;
    struct radio_wire w;
    struct radio_header h;

    for (unsigned flags = 0; flags < 4; flags++)
        for (uint16_t length = 0; length < 2; length++)
            for (uint16_t channel = 0; channel < 2; channel++) {
                const struct radio_header made = {
                    .flags = (uint8_t)flags,
                    .channel = channel,
                    .length = length,
                };
                const size_t size = encode(&w, &made);
                const bool ends = (flags & RADIO_END) != 0;
                assert_int_equal(radio_decode(&w, size, &h),
                                 ends == (length == 0) &&
                                     (channel != 0 || flags == 0));
            }
}

static void a_list_comes_back(void **state)
{
    (void)state;
    const struct radio_list list = {2, {{1, "news"}, {32, "下雪"}}};
    const uint8_t golden[] = "\0\1\4news\0\x20\6下雪";
    uint8_t bytes[RADIO_BYTES_MAX];
    struct radio_list again;

    uint16_t size = radio_encode_list(bytes, &list);
    assert_int_equal(size, sizeof golden - 1);
    assert_memory_equal(bytes, golden, size);
    assert_true(radio_decode_list(bytes, size, &again));
    assert_int_equal(again.count, 2);
    assert_int_equal(again.entries[1].channel, 32);
    assert_string_equal(again.entries[0].name, "news");
    assert_string_equal(again.entries[1].name, "下雪");
    // Cut anywhere, but between the two, it is none.
    for (uint16_t cut = 0; cut < size; cut++)
        assert_int_equal(radio_decode_list(bytes, cut, &again), cut == 7);
}

static void the_longest_list_fits_and_a_longer_one_is_refused(void **state)
{
    (void)state;
    struct radio_list list = {.count = RADIO_CHANNELS_MAX}, again;
    uint8_t bytes[RADIO_BYTES_MAX + 44] = {0};

    for (int i = 0; i < RADIO_CHANNELS_MAX; i++) {
        list.entries[i].channel = (uint16_t)(i + 1);
        memset(list.entries[i].name, 'x', RADIO_NAME_MAX);
    }
    uint16_t size = radio_encode_list(bytes, &list);
    assert_true(size <= RADIO_BYTES_MAX);
    assert_true(radio_decode_list(bytes, size, &again));
    memcpy(bytes + size, (const uint8_t[]){0, 33, 1, 'x'}, 4);
    assert_false(radio_decode_list(bytes, size + 4U, &again));
}

static bool is_list(const char *bytes, size_t size)
{
    struct radio_list list;

    return radio_decode_list((const uint8_t *)bytes, size, &list);
}

static void a_hostile_list_is_refused(void **state)
{
    (void)state;

    assert_true(is_list("\0\1\1a\0\2\1b", 8));
    assert_false(is_list("\0\1\1a\0\1\1b", 8)); // twice the same
    assert_false(is_list("\0\2\1a\0\1\1b", 8)); // falling
    assert_false(is_list("\0\0\1a", 4));        // the list itself
    assert_false(is_list("\0\x21\1a", 4));      // too high
    assert_false(is_list("\1\1\1a", 4));        // much too high
    assert_false(is_list("\0\1\0", 3));         // no name
    assert_false(is_list("\0\1\2a", 4));        // less than it says
    assert_false(is_list("\0\1\xff", 3));
    assert_false(is_list("\0\1\1\033", 4)); // a terminal would obey
    assert_false(is_list("\0\1\1\177", 4));
    assert_false(is_list("\0\1\x29xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                         44)); // 41
}

// -- the tuner ----------------------------------------------------------------

static enum tuner_verdict after(struct tuner *t, uint32_t seq, unsigned flags)
{
    const struct radio_header h = {.flags = (uint8_t)flags, .seq = seq};

    return tuner_packet(t, &h);
}

static void a_late_joiner_begins_where_a_decoder_can(void **state)
{
    (void)state;
    struct tuner t = {0};

    assert_int_equal(after(&t, 1000, 0), TUNER_SKIP);
    assert_int_equal(after(&t, 1001, RADIO_START), TUNER_PLAY);
    assert_int_equal(after(&t, 1002, 0), TUNER_PLAY);
    assert_int_equal(after(&t, 1003, RADIO_END), TUNER_ENDED);
    assert_int_equal(t.lost, 0);
    assert_int_equal(t.dropped, 1);
    assert_int_equal(t.played, 2);
}

static void after_a_gap_it_waits_for_a_start(void **state)
{
    (void)state;
    struct tuner t = {0};

    assert_int_equal(after(&t, 1, RADIO_START), TUNER_PLAY);
    assert_int_equal(after(&t, 4, 0), TUNER_SKIP);
    assert_int_equal(after(&t, 5, 0), TUNER_SKIP);
    assert_int_equal(after(&t, 6, RADIO_START), TUNER_PLAY);
    assert_int_equal(after(&t, 8, RADIO_START), TUNER_PLAY);
    assert_int_equal(t.lost, 3);
    assert_int_equal(t.gaps, 2);
    assert_int_equal(t.dropped, 2);
    assert_int_equal(t.played, 3);
}

static void late_ones_and_duplicates_are_discarded(void **state)
{
    (void)state;
    struct tuner t = {0};

    after(&t, 1, RADIO_START);
    after(&t, 3, RADIO_START);
    assert_int_equal(after(&t, 2, RADIO_START), TUNER_SKIP);
    assert_int_equal(after(&t, 3, RADIO_START), TUNER_SKIP);
    assert_int_equal(after(&t, 3, RADIO_END), TUNER_SKIP);
    assert_int_equal(after(&t, 4, 0), TUNER_PLAY);
    assert_int_equal(t.late, 3);
    assert_int_equal(t.lost, 1);
}

static void numbers_wrap(void **state)
{
    (void)state;
    struct tuner t = {0};

    assert_int_equal(after(&t, UINT32_MAX - 1, RADIO_START), TUNER_PLAY);
    assert_int_equal(after(&t, UINT32_MAX, 0), TUNER_PLAY);
    assert_int_equal(after(&t, 0, 0), TUNER_PLAY);
    assert_int_equal(after(&t, UINT32_MAX, 0), TUNER_SKIP);
    assert_int_equal(after(&t, 2, RADIO_START), TUNER_PLAY);
    assert_int_equal(t.lost, 1);
    assert_int_equal(t.late, 1);
}

static void what_the_full_pipe_did_not_take_is_no_loss_on_the_way(void **state)
{
    (void)state;
    struct tuner t = {0};

    after(&t, 0, RADIO_START);
    tuner_dropped(&t);
    assert_int_equal(after(&t, 1, 0), TUNER_SKIP); // of the same frame
    assert_int_equal(after(&t, 2, RADIO_START), TUNER_PLAY);
    assert_int_equal(t.lost, 0);
    assert_int_equal(t.dropped, 2);
    assert_int_equal(t.played, 1);
}

static void what_is_missing_before_the_end_is_lost_too(void **state)
{
    (void)state;
    struct tuner t = {0};

    after(&t, 0, RADIO_START);
    assert_int_equal(after(&t, 5, RADIO_END), TUNER_ENDED);
    assert_int_equal(t.lost, 4);
    assert_int_equal(t.gaps, 1);
}

static void after_a_restart_any_number_is_the_next(void **state)
{
    (void)state;
    struct tuner t = {0};

    after(&t, 1000, RADIO_START);
    tuner_resync(&t);
    assert_int_equal(after(&t, 3, 0), TUNER_SKIP); // a decoder starts at START
    assert_int_equal(after(&t, 4, RADIO_START), TUNER_PLAY);
    assert_int_equal(t.late, 0);
    assert_int_equal(t.lost, 0);
    assert_int_equal(t.played, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_has_these_bytes),
        cmocka_unit_test(a_packet_comes_back),
        cmocka_unit_test(any_other_size_is_refused),
        cmocka_unit_test(each_wrong_byte_of_the_header_is_refused),
        cmocka_unit_test(only_an_end_has_no_bytes),
        cmocka_unit_test(a_list_comes_back),
        cmocka_unit_test(the_longest_list_fits_and_a_longer_one_is_refused),
        cmocka_unit_test(a_hostile_list_is_refused),
        cmocka_unit_test(a_late_joiner_begins_where_a_decoder_can),
        cmocka_unit_test(after_a_gap_it_waits_for_a_start),
        cmocka_unit_test(late_ones_and_duplicates_are_discarded),
        cmocka_unit_test(numbers_wrap),
        cmocka_unit_test(what_the_full_pipe_did_not_take_is_no_loss_on_the_way),
        cmocka_unit_test(what_is_missing_before_the_end_is_lost_too),
        cmocka_unit_test(after_a_restart_any_number_is_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
