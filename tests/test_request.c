/*
 * tests/test_request.c -- what fifo/request.h promises.
 */
#include "unit.h"

#include "../fifo/request.h"

static const struct request question = {
    .kind = REQUEST_READING,
    .client = 0x01020304,
    .seq = 7,
};

static void the_wire_form_is_these_bytes(void **state)
{
    (void)state;
    // The check: ~(1 + 31 * (0x01020304 + 31 * 7))
    const char expected[] = "ask\1\1\2\3\4\0\0\0\7\xe0\xc1\x88\x3b";

    struct request_wire wire = request_encode(&question);

    assert_int_equal(sizeof wire, sizeof expected - 1);
    assert_memory_equal(&wire, expected, sizeof wire);
}

static void decoding_undoes_encoding(void **state)
{
    (void)state;
    struct request_wire wire = request_encode(&question);
    struct request back = {0};

    assert_true(request_decode(&back, (const char *)&wire));

    assert_int_equal(back.kind, question.kind);
    assert_int_equal(back.client, question.client);
    assert_int_equal(back.seq, question.seq);
}

static void one_wrong_bit_is_refused(void **state)
{
    (void)state;
    struct request unused;

    for (size_t bit = 0; bit < 8 * sizeof(struct request_wire); bit++) {
        struct request_wire wire = request_encode(&question);
        ((uint8_t *)&wire)[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_false(request_decode(&unused, (const char *)&wire));
    }
}

static void no_process_has_such_an_id(void **state)
{
    (void)state;
    const pid_t refused[] = {0, -1, INT_MIN};
    struct request unused;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct request_wire wire = request_encode(&(struct request){
            .kind = REQUEST_READING,
            .client = refused[i],
        });
        assert_false(request_decode(&unused, (const char *)&wire));
    }
}

static void an_unknown_kind_is_refused(void **state)
{
    (void)state;
    struct request_wire wire = request_encode(&question);
    struct request unused;

    wire.kind = REQUEST_END + 1;
    wire.check = htonl(request_check(&wire));
    assert_false(request_decode(&unused, (const char *)&wire));
    memset(&wire, 0, sizeof wire);
    assert_false(request_decode(&unused, (const char *)&wire));
}

static void the_answer_goes_where_the_process_id_says(void **state)
{
    (void)state;
    char path[14];
    volatile pid_t longer = 47110; // the compiler sees it coming otherwise

    assert_true(request_answer_path(path, sizeof path, "requests", 4711));
    assert_string_equal(path, "requests.4711");
    assert_false(request_answer_path(path, sizeof path, "requests", longer));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wire_form_is_these_bytes),
        cmocka_unit_test(decoding_undoes_encoding),
        cmocka_unit_test(one_wrong_bit_is_refused),
        cmocka_unit_test(no_process_has_such_an_id),
        cmocka_unit_test(an_unknown_kind_is_refused),
        cmocka_unit_test(the_answer_goes_where_the_process_id_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
