/*
 * tests/test_reading.c -- what common/reading.h promises.
 */
#include "unit.h"

#include "../common/reading.h"

static const struct reading frost = {
    .kind = READING_DATA,
    .seq = 0x01020304,
    .tenths = -2,
    .station = "oslo",
};

static void the_wire_form_is_these_bytes(void **state)
{
    (void)state;
    const char expected[] =
        "\1"              // kind
        "\1\2\3\4"        // seq
        "\xff\xfe"        // tenths
        "oslo\0\0\0\0\0"; // station, to the literal's own NUL

    struct reading_wire wire = reading_encode(&frost);

    assert_int_equal(sizeof wire, sizeof expected);
    assert_memory_equal(&wire, expected, sizeof expected);
}

static void decoding_undoes_encoding(void **state)
{
    (void)state;
    struct reading_wire wire = reading_encode(&frost);
    struct reading back = {0};

    assert_true(reading_decode(&back, &wire, sizeof wire));

    assert_int_equal(back.kind, frost.kind);
    assert_int_equal(back.seq, frost.seq);
    assert_int_equal(back.tenths, frost.tenths);
    assert_string_equal(back.station, frost.station);
}

static void a_wrong_size_is_refused(void **state)
{
    (void)state;
    struct reading_wire wire = reading_encode(&frost);
    struct reading unused;

    assert_false(reading_decode(&unused, &wire, 0));
    assert_false(reading_decode(&unused, &wire, sizeof wire - 1));
    assert_false(reading_decode(&unused, &wire, sizeof wire + 1));
}

static void an_unknown_kind_is_refused(void **state)
{
    (void)state;
    struct reading_wire wire = reading_encode(&frost);
    struct reading unused;

    wire.kind = 0;
    assert_false(reading_decode(&unused, &wire, sizeof wire));
    wire.kind = READING_END + 1;
    assert_false(reading_decode(&unused, &wire, sizeof wire));
}

static void a_station_without_end_is_refused(void **state)
{
    (void)state;
    struct reading_wire wire = reading_encode(&frost);
    struct reading unused;

    memset(wire.station, 'x', sizeof wire.station);
    assert_false(reading_decode(&unused, &wire, sizeof wire));
}

static void after_count_readings_comes_the_end(void **state)
{
    (void)state;
    struct reading last = reading_or_end(3, 3), end = reading_or_end(4, 3);

    assert_int_equal(last.kind, READING_DATA);
    assert_int_equal(last.seq, 3);
    assert_int_equal(end.kind, READING_END);
    assert_int_equal(end.seq, 3); // how many there were
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wire_form_is_these_bytes),
        cmocka_unit_test(decoding_undoes_encoding),
        cmocka_unit_test(a_wrong_size_is_refused),
        cmocka_unit_test(an_unknown_kind_is_refused),
        cmocka_unit_test(a_station_without_end_is_refused),
        cmocka_unit_test(after_count_readings_comes_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
