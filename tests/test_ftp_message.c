/*
 * tests/test_ftp_message.c -- what common/ftp.h and ftp_message.h promise.
 */
#include "unit.h"

#include "../msg/ftp/ftp_message.h"

static struct ftp_msg msg;

// One of each kind, and its bytes as the picture in ftp.h has them.
static const struct {
    struct ftp_message m;
    size_t size;
    const char *bytes;
} cases[] = {
    {{.kind = FTP_DATA,
      .offset = 0x0102030405060708,
      .total = 0x1112131415161718,
      .bytes = "hello",
      .count = 5},
     29,
     "ftp1\0\1\0\35"
     "\1\2\3\4\5\6\7\10\21\22\23\24\25\26\27\30hello"},
    {{.kind = FTP_EOT, .offset = 0x0102030405060708, .cksum = 0xa1a2a3a4},
     20,
     "ftp2\0\1\0\24"
     "\1\2\3\4\5\6\7\10\xa1\xa2\xa3\xa4"},
    {{.kind = FTP_ERROR, .bytes = "No such file", .count = 12},
     20,
     "ftp3\0\1\0\24No such file"},
    {{.kind = FTP_PATH, .queue = 0x01020304, .bytes = "a/b", .count = 3},
     15,
     "ftp4\0\1\0\17\1\2\3\4a/b"},
    {{.kind = FTP_DONE}, 8, "ftp5\0\1\0\10"},
    {{.kind = FTP_CALL, .queue = 0x01020304}, 12, "ftp6\0\1\0\14\1\2\3\4"},
};

#define CASES (sizeof cases / sizeof *cases)

static void messages_are_these_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        memset(&msg, 0xff, sizeof msg);
        assert_int_equal(ftp_encode(&msg, &cases[i].m), cases[i].size);
        assert_int_equal(msg.mtype, cases[i].m.kind);
        assert_memory_equal(&msg.head, cases[i].bytes, cases[i].size);
    }
}

static void decoding_undoes_encoding(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        const struct ftp_message *m = &cases[i].m;
        struct ftp_message back = {0};
        size_t size = ftp_encode(&msg, m);

        assert_true(ftp_decode(&back, &msg, size));
        assert_int_equal(back.kind, m->kind);
        assert_int_equal(back.offset, m->offset);
        assert_int_equal(back.total, m->total);
        assert_int_equal(back.cksum, m->cksum);
        assert_int_equal(back.queue, m->queue);
        assert_int_equal(back.count, m->count);
        if (m->count > 0)
            assert_memory_equal(back.bytes, m->bytes, m->count);
    }
}

static void any_other_size_is_refused(void **state)
{
    (void)state;
    struct ftp_message unused;

    for (size_t i = 0; i < CASES; i++)
        for (size_t n = 0; n <= FTP_SIZE_MAX + 1; n++) {
            size_t size = ftp_encode(&msg, &cases[i].m);
            if (n != size)
                assert_false(ftp_decode(&unused, &msg, n));
        }
}

// With a size that agrees, only those may be longer that carry bytes; none may
// be shorter than the picture has it, or carry none.
static void each_kind_has_its_sizes(void **state)
{
    (void)state;
    struct ftp_message unused;

    for (size_t i = 0; i < CASES; i++) {
        size_t least = cases[i].size - cases[i].m.count;
        for (size_t n = 0; n <= FTP_SIZE_MAX; n++) {
            memset(&msg, 'x', sizeof msg);
            ftp_encode(&msg, &cases[i].m);
            msg.head.size = htons((uint16_t)n);
            bool right = cases[i].m.count > 0 ? n > least : n == least;
            assert_int_equal(ftp_decode(&unused, &msg, n), right);
        }
    }
}

static void every_bit_of_the_head_counts(void **state)
{
    (void)state;
    struct ftp_message unused;

    for (size_t i = 0; i < CASES; i++)
        for (size_t bit = 0; bit < 8 * sizeof msg.head; bit++) {
            size_t size = ftp_encode(&msg, &cases[i].m);
            ((uint8_t *)&msg.head)[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(ftp_decode(&unused, &msg, size));
        }
}

static void another_type_is_refused(void **state)
{
    (void)state;
    struct ftp_message unused;
    const long types[] = {
        1,        FTP_DATA - 1, FTP_DATA, FTP_EOT,      FTP_ERROR,
        FTP_PATH, FTP_DONE,     FTP_CALL, FTP_CALL + 1, INT32_MAX};

    for (size_t i = 0; i < CASES; i++)
        for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
            size_t size = ftp_encode(&msg, &cases[i].m);
            msg.mtype = types[k];
            assert_int_equal(ftp_decode(&unused, &msg, size),
                             types[k] == (long)cases[i].m.kind);
        }
}

static void a_path_with_a_nul_is_refused(void **state)
{
    (void)state;
    struct ftp_message unused;
    const struct ftp_message m = {
        .kind = FTP_PATH, .bytes = "a\0b", .count = 3};

    size_t size = ftp_encode(&msg, &m);
    assert_false(ftp_decode(&unused, &msg, size));
}

static void more_than_fits_is_cut_off(void **state)
{
    (void)state;
    static char bytes[FTP_SIZE_MAX];
    struct ftp_message back = {0};
    const struct ftp_message m = {
        .kind = FTP_ERROR, .bytes = bytes, .count = sizeof bytes};
    memset(bytes, 'x', sizeof bytes);

    assert_int_equal(ftp_encode(&msg, &m), FTP_SIZE_MAX);
    assert_true(ftp_decode(&back, &msg, FTP_SIZE_MAX));
    assert_int_equal(back.count, FTP_SIZE_MAX - 8);
}

static void bytes_in_their_place_are_not_copied(void **state)
{
    (void)state;
    const struct ftp_message m = {
        .kind = FTP_DATA, .bytes = msg.data.bytes, .count = 5};
    memcpy(msg.data.bytes, "hello", 5);

    assert_int_equal(ftp_encode(&msg, &m), 29);
    assert_memory_equal(msg.data.bytes, "hello", 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_these_bytes),
        cmocka_unit_test(decoding_undoes_encoding),
        cmocka_unit_test(any_other_size_is_refused),
        cmocka_unit_test(each_kind_has_its_sizes),
        cmocka_unit_test(every_bit_of_the_head_counts),
        cmocka_unit_test(another_type_is_refused),
        cmocka_unit_test(a_path_with_a_nul_is_refused),
        cmocka_unit_test(more_than_fits_is_cut_off),
        cmocka_unit_test(bytes_in_their_place_are_not_copied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
