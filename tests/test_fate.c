/*
 * tests/test_fate.c -- what udp/relay/fate.h promises.
 */
#include "unit.h"

#include "../udp/relay/fate.h"

static void the_same_datagram_has_the_same_fate(void **state)
{
    (void)state;
    const double odds[HARMS] = {.5, .5, .5, .5, .5, 1000, 1000};

    for (uint32_t n = 0; n < 1000; n++) {
        struct fate once = fate_of(odds, 7, 1, 0, n);
        struct fate again = fate_of(odds, 7, 1, 0, n);
        assert_memory_equal(once.harmed, again.harmed, sizeof once.harmed);
        assert_int_equal(once.wait, again.wait);
        assert_int_equal(once.noise, again.noise);
    }
}

// How many of 10000 datagrams have the same fate as those of seed 7,
// conversation 1, direction 0.
static int same_loss(uint64_t seed, uint32_t conversation, unsigned direction)
{
    const double odds[HARMS] = {[LOSS] = .5};
    int same = 0;

    for (uint32_t n = 0; n < 10000; n++)
        same += fate_of(odds, 7, 1, 0, n).harmed[LOSS] ==
                fate_of(odds, seed, conversation, direction, n).harmed[LOSS];
    return same;
}

static void another_seed_conversation_or_direction_has_another(void **state)
{
    (void)state;

    assert_int_equal(same_loss(7, 1, 0), 10000);
    assert_in_range(same_loss(8, 1, 0), 4800, 5200);
    assert_in_range(same_loss(7, 2, 0), 4800, 5200);
    assert_in_range(same_loss(7, 1, 1), 4800, 5200);
}

static void so_many_are_harmed_as_the_odds_say(void **state)
{
    (void)state;
    const double odds[HARMS] = {0, .01, .2, .5, 1};
    int harmed[HARMS] = {0};

    for (uint32_t n = 0; n < 100000; n++) {
        struct fate fate = fate_of(odds, 1, 1, 0, n);
        for (int harm = LOSS; harm <= BITROT; harm++)
            harmed[harm] += fate.harmed[harm];
    }
    assert_int_equal(harmed[LOSS], 0);
    assert_in_range(harmed[DUP], 900, 1100);
    assert_in_range(harmed[REORDER], 19500, 20500);
    assert_in_range(harmed[CORRUPT], 49000, 51000);
    assert_int_equal(harmed[BITROT], 100000);
}

static void one_rate_changes_nothing_about_the_others(void **state)
{
    (void)state;
    const double few[HARMS] = {[LOSS] = .1};
    const double many[HARMS] = {.1, .9, .9, .9, .9, 10, 10};

    for (uint32_t n = 0; n < 1000; n++)
        assert_int_equal(fate_of(few, 3, 1, 0, n).harmed[LOSS],
                         fate_of(many, 3, 1, 0, n).harmed[LOSS]);
}

static void a_higher_rate_harms_all_that_a_lower_one_does(void **state)
{
    (void)state;
    const double few[HARMS] = {[LOSS] = .1}, many[HARMS] = {[LOSS] = .2};

    for (uint32_t n = 0; n < 1000; n++)
        if (fate_of(few, 3, 1, 0, n).harmed[LOSS])
            assert_true(fate_of(many, 3, 1, 0, n).harmed[LOSS]);
}

static void everybody_waits_the_delay_and_some_jitter(void **state)
{
    (void)state;
    const double odds[HARMS] = {[DELAY] = 1000, [JITTER] = 500};
    int64_t least = INT64_MAX, most = 0;

    for (uint32_t n = 0; n < 1000; n++) {
        int64_t wait = fate_of(odds, 1, 1, 0, n).wait;
        least = wait < least ? wait : least;
        most = wait > most ? wait : most;
    }
    assert_in_range(least, 1000, 1010);
    assert_in_range(most, 1490, 1500);
}

static void the_checksum_is_that_of_rfc_1071(void **state)
{
    (void)state;
    const uint8_t example[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

    assert_int_equal(fate_checksum(example, 8), 0xddf2); // its section 3
    assert_int_equal(fate_checksum(example, 1), 0x0000);
    assert_int_equal(fate_checksum(example, 3), 0xf201); // a zero is added
}

static void a_flipped_bit_is_always_noticed(void **state)
{
    (void)state;
    uint8_t bytes[17] = "seventeen bytes.";
    uint16_t sum = fate_checksum(bytes, sizeof bytes);

    for (uint64_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        assert_int_equal(fate_flip(bytes, sizeof bytes, bit), bit / 8);
        assert_int_not_equal(fate_checksum(bytes, sizeof bytes), sum);
        fate_flip(bytes, sizeof bytes, bit);
        assert_int_equal(fate_checksum(bytes, sizeof bytes), sum);
    }
}

// Rot a copy in many ways: it differs, and the sum does not.
static void assert_rots_unseen(const uint8_t *original, size_t size)
{
    uint8_t bytes[64];
    size_t where[2];

    for (uint64_t n = 0; n < 1000; n++) {
        memcpy(bytes, original, size);
        assert_true(fate_rot(bytes, size, fate_scramble(n), where));
        assert_int_not_equal(memcmp(bytes, original, size), 0);
        // 0 and 0xffff are the same to the sum, and never both there: the
        // addresses, which are part of the real one, are not all zero.
        assert_int_equal(fate_checksum(bytes, size) % 0xffff,
                         fate_checksum(original, size) % 0xffff);
        assert_in_range(where[0], 0, size - 2);
        assert_in_range(where[1], 0, size - 2);
        assert_int_not_equal(where[0], where[1]);
    }
}

static void rot_changes_bytes_and_not_the_checksum(void **state)
{
    (void)state;
    uint8_t bytes[64];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i);
    for (size_t size = 4; size <= sizeof bytes; size++)
        assert_rots_unseen(bytes, size);
}

static void rot_finds_something_where_all_words_are_the_same(void **state)
{
    (void)state;
    const uint8_t fill[] = {0x00, 0x01, 0x41, 0xff};
    uint8_t bytes[64];

    for (size_t i = 0; i < sizeof fill; i++) {
        memset(bytes, fill[i], sizeof bytes);
        assert_rots_unseen(bytes, sizeof bytes);
        assert_rots_unseen(bytes, 5);
    }
    memcpy(bytes, "aaaaaaaab", 10); // two words that differ, if it looks
    assert_rots_unseen(bytes, 10);
}

static void what_has_not_two_words_does_not_rot(void **state)
{
    (void)state;
    uint8_t bytes[3] = {1, 2, 3};
    size_t where[2];

    assert_false(fate_rot(bytes, 0, 5, where));
    assert_false(fate_rot(bytes, 3, 5, where));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_datagram_has_the_same_fate),
        cmocka_unit_test(another_seed_conversation_or_direction_has_another),
        cmocka_unit_test(so_many_are_harmed_as_the_odds_say),
        cmocka_unit_test(one_rate_changes_nothing_about_the_others),
        cmocka_unit_test(a_higher_rate_harms_all_that_a_lower_one_does),
        cmocka_unit_test(everybody_waits_the_delay_and_some_jitter),
        cmocka_unit_test(the_checksum_is_that_of_rfc_1071),
        cmocka_unit_test(a_flipped_bit_is_always_noticed),
        cmocka_unit_test(rot_changes_bytes_and_not_the_checksum),
        cmocka_unit_test(rot_finds_something_where_all_words_are_the_same),
        cmocka_unit_test(what_has_not_two_words_does_not_rot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
