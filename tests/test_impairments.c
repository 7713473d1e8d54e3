/*
 * tests/test_impairments.c -- what udp/relay/impairments.h promises.
 */
#include "unit.h"

#include <string.h>

#include "../udp/relay/impairments.c"

static void the_same_datagram_is_impaired_in_the_same_way(void **state)
{
    (void)state;
    const double probability[IMPAIRMENTS] = {.5, .5, .5, .5, .5, 1000, 1000};

    for (uint32_t n = 0; n < 1000; n++) {
        struct impaired once = impairments_draw(probability, 7, 1, 0, n);
        struct impaired again = impairments_draw(probability, 7, 1, 0, n);
        assert_memory_equal(once.by, again.by, sizeof once.by);
        assert_int_equal(once.delay_us, again.delay_us);
        assert_int_equal(once.noise, again.noise);
    }
}

// How many of 10000 datagrams are lost, or not, as those of seed 7,
// session 1, direction 0.
static int same_loss(uint64_t seed, uint32_t session, unsigned direction)
{
    const double probability[IMPAIRMENTS] = {[LOSS] = .5};
    int same = 0;

    for (uint32_t n = 0; n < 10000; n++)
        same +=
            impairments_draw(probability, 7, 1, 0, n).by[LOSS] ==
            impairments_draw(probability, seed, session, direction, n).by[LOSS];
    return same;
}

static void another_seed_session_or_direction_has_another(void **state)
{
    (void)state;

    assert_int_equal(same_loss(7, 1, 0), 10000);
    assert_in_range(same_loss(8, 1, 0), 4800, 5200);
    assert_in_range(same_loss(7, 2, 0), 4800, 5200);
    assert_in_range(same_loss(7, 1, 1), 4800, 5200);
}

static void as_many_are_impaired_as_the_probability_says(void **state)
{
    (void)state;
    const double probability[IMPAIRMENTS] = {0, .01, .2, .5, 1};
    int impaired[IMPAIRMENTS] = {0};

    for (uint32_t n = 0; n < 100000; n++) {
        struct impaired drawn = impairments_draw(probability, 1, 1, 0, n);
        for (int kind = LOSS; kind <= UNDETECTED; kind++)
            impaired[kind] += drawn.by[kind];
    }
    assert_int_equal(impaired[LOSS], 0);
    assert_in_range(impaired[DUPLICATE], 900, 1100);
    assert_in_range(impaired[REORDER], 19500, 20500);
    assert_in_range(impaired[CORRUPT], 49000, 51000);
    assert_int_equal(impaired[UNDETECTED], 100000);
}

static void one_probability_changes_nothing_about_the_others(void **state)
{
    (void)state;
    const double few[IMPAIRMENTS] = {[LOSS] = .1};
    const double many[IMPAIRMENTS] = {.1, .9, .9, .9, .9, 10, 10};

    for (uint32_t n = 0; n < 1000; n++)
        assert_int_equal(impairments_draw(few, 3, 1, 0, n).by[LOSS],
                         impairments_draw(many, 3, 1, 0, n).by[LOSS]);
}

static void a_higher_probability_hits_all_that_a_lower_one_does(void **state)
{
    (void)state;
    const double few[IMPAIRMENTS] = {[LOSS] = .1},
                 many[IMPAIRMENTS] = {[LOSS] = .2};

    for (uint32_t n = 0; n < 1000; n++)
        if (impairments_draw(few, 3, 1, 0, n).by[LOSS])
            assert_true(impairments_draw(many, 3, 1, 0, n).by[LOSS]);
}

static void each_is_late_by_the_delay_and_some_jitter(void **state)
{
    (void)state;
    const double probability[IMPAIRMENTS] = {[DELAY] = 1000, [JITTER] = 500};
    int64_t least = INT64_MAX, most = 0;

    for (uint32_t n = 0; n < 1000; n++) {
        int64_t wait = impairments_draw(probability, 1, 1, 0, n).delay_us;
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

    assert_int_equal(internet_sum(example, 8), 0xddf2); // its section 3
    assert_int_equal(internet_sum(example, 1), 0x0000);
    assert_int_equal(internet_sum(example, 3), 0xf201); // a zero is added
}

static void a_flipped_bit_is_always_noticed(void **state)
{
    (void)state;
    uint8_t bytes[17] = "seventeen bytes.";
    uint16_t sum = internet_sum(bytes, sizeof bytes);

    for (uint64_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        assert_int_equal(flip_bit(bytes, sizeof bytes, bit), bit / 8);
        assert_int_not_equal(internet_sum(bytes, sizeof bytes), sum);
        flip_bit(bytes, sizeof bytes, bit);
        assert_int_equal(internet_sum(bytes, sizeof bytes), sum);
    }
}

// Change a copy in many ways: it differs, and the sum does not.
static void assert_changed_undetected(const uint8_t *original, size_t size)
{
    uint8_t bytes[64];
    size_t where[2];

    for (uint64_t n = 0; n < 1000; n++) {
        memcpy(bytes, original, size);
        assert_true(change_two_words(bytes, size, impairments_hash(n), where));
        assert_int_not_equal(memcmp(bytes, original, size), 0);
        // 0 and 0xffff are the same to the sum, and never both there: the
        // addresses, which are part of the real one, are not all zero.
        assert_int_equal(internet_sum(bytes, size) % 0xffff,
                         internet_sum(original, size) % 0xffff);
        assert_in_range(where[0], 0, size - 2);
        assert_in_range(where[1], 0, size - 2);
        assert_int_not_equal(where[0], where[1]);
    }
}

static void two_words_change_and_the_checksum_does_not(void **state)
{
    (void)state;
    uint8_t bytes[64];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i);
    for (size_t size = 4; size <= sizeof bytes; size++)
        assert_changed_undetected(bytes, size);
}

static void two_words_change_where_all_are_the_same(void **state)
{
    (void)state;
    const uint8_t fill[] = {0x00, 0x01, 0x41, 0xff};
    uint8_t bytes[64];

    for (size_t i = 0; i < sizeof fill; i++) {
        memset(bytes, fill[i], sizeof bytes);
        assert_changed_undetected(bytes, sizeof bytes);
        assert_changed_undetected(bytes, 5);
    }
    memcpy(bytes, "aaaaaaaab", 10); // two words that differ, if it looks
    assert_changed_undetected(bytes, 10);
}

static void what_has_not_two_words_does_not_change(void **state)
{
    (void)state;
    uint8_t bytes[3] = {1, 2, 3};
    size_t where[2];

    assert_false(change_two_words(bytes, 0, 5, where));
    assert_false(change_two_words(bytes, 3, 5, where));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_datagram_is_impaired_in_the_same_way),
        cmocka_unit_test(another_seed_session_or_direction_has_another),
        cmocka_unit_test(as_many_are_impaired_as_the_probability_says),
        cmocka_unit_test(one_probability_changes_nothing_about_the_others),
        cmocka_unit_test(a_higher_probability_hits_all_that_a_lower_one_does),
        cmocka_unit_test(each_is_late_by_the_delay_and_some_jitter),
        cmocka_unit_test(the_checksum_is_that_of_rfc_1071),
        cmocka_unit_test(a_flipped_bit_is_always_noticed),
        cmocka_unit_test(two_words_change_and_the_checksum_does_not),
        cmocka_unit_test(two_words_change_where_all_are_the_same),
        cmocka_unit_test(what_has_not_two_words_does_not_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
