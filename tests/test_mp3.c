/*
 * tests/test_mp3.c -- what common/mp3.h promises. Lengths are worked out by
 * hand: samples / 8 * bits a second / samples a second, rounded down.
 */
#include "unit.h"

#include <stdlib.h>

#include "../common/mp3.h"

static struct mp3_frame frame(uint32_t header)
{
    const uint8_t bytes[] = {
        (uint8_t)(header >> 24),
        (uint8_t)(header >> 16),
        (uint8_t)(header >> 8),
        (uint8_t)header,
    };
    struct mp3_frame f = {0};

    if (!mp3_frame(bytes, &f))
        f = (struct mp3_frame){0};
    return f;
}

static void a_header_tells_length_and_time(void **state)
{
    (void)state;
    const struct {
        uint32_t header;
        size_t length;
        uint32_t rate, samples;
        size_t tag_at;
    } known[] = {
        {0xfffb9064, 417, 44100, 1152, 36},  // 144 * 128000 / 44100 = 417.9
        {0xfffb9264, 418, 44100, 1152, 36},  // with padding
        {0xfffb90c4, 417, 44100, 1152, 21},  // mono
        {0xfffa9064, 417, 44100, 1152, 38},  // with a CRC
        {0xfffb1004, 104, 44100, 1152, 36},  // 32 kbit/s
        {0xfffbe404, 960, 48000, 1152, 36},  // 320 kbit/s
        {0xfffbea04, 1441, 32000, 1152, 36}, // the longest there is
        {0xfff384c4, 192, 24000, 576, 13},   // MPEG-2, 64 kbit/s, mono
        {0xffe318c4, 72, 8000, 576, 13},     // MPEG-2.5, 8 kbit/s, mono
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct mp3_frame f = frame(known[i].header);
        assert_int_equal(f.length, known[i].length);
        assert_int_equal(f.rate, known[i].rate);
        assert_int_equal(f.samples, known[i].samples);
        assert_int_equal(f.tag_at, known[i].tag_at);
    }
    const struct mp3_frame f = frame(0xfffb9064);
    assert_int_equal(mp3_duration_ns(&f), 26122448); // 1152 / 44100 s
}

// ISO/IEC 11172-3 and 13818-3, 2.4.2.3: in kbit/s, from index 1 on.
static void each_index_has_its_bit_rate(void **state)
{
    (void)state;
    const uint32_t mpeg1[14] = {32,  40,  48,  56,  64,  80,  96,
                                112, 128, 160, 192, 224, 256, 320};
    const uint32_t mpeg2[14] = {8,  16, 24, 32,  40,  48,  56,
                                64, 80, 96, 112, 128, 144, 160};

    for (uint32_t i = 0; i < 14; i++) {
        const uint32_t index = (i + 1) << 12;
        assert_int_equal(frame(0xfffb0004 | index).length,
                         144 * 1000 * mpeg1[i] / 44100);
        assert_int_equal(frame(0xfff30004 | index).length,
                         72 * 1000 * mpeg2[i] / 22050);
    }
}

static void what_is_no_mp3_is_refused(void **state)
{
    (void)state;
    const uint32_t wrong[] = {
        0x00000000, 0xfefb9064, 0xff7b9064, // no sync
        0xffeb9064,                         // version 1: reserved
        0xfff99064,                         // layer 0: reserved
        0xfffd9064, 0xffff9064,             // layers II and I
        0xfffb0064,                         // free format
        0xfffbf064,                         // no such bit rate
        0xfffb9c64,                         // no such sample rate
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(frame(wrong[i]).length, 0);
}

static void no_header_has_a_frame_without_room_for_itself(void **state)
{
    (void)state;
    int good = 0;

    for (uint32_t low = 0; low < 1U << 21; low++) {
        const struct mp3_frame f = frame(0xffe00000 | low);
        if (f.length == 0)
            continue;
        good++;
        assert_true(f.length > MP3_HEADER && f.length <= MP3_FRAME_MAX);
        assert_true(f.samples > 0 && f.rate >= 8000);
    }
    // 3 versions, CRC or not, 14 bit rates, 3 sample rates; 10 bits are free
    assert_int_equal(good, 3 * 2 * 14 * 3 * 1024);
}

static void a_frame_about_the_file_is_known(void **state)
{
    (void)state;
    const char *names[] = {"Xing", "Info", "VBRI", "Note"};

    for (int i = 0; i < 4; i++) {
        uint8_t bytes[MP3_FRAME_MAX] = {0xff, 0xfb, 0x90, 0x64};
        struct mp3_frame f = {0};
        assert_true(mp3_frame(bytes, &f));
        assert_false(mp3_is_info_frame(bytes, &f));
        memcpy(bytes + 36, names[i], 4);
        assert_int_equal(mp3_is_info_frame(bytes, &f), i < 3);
    }
}

static void a_frame_too_short_for_such_a_tag_has_none(void **state)
{
    (void)state;
    // MPEG-2.5, 8 kbit/s at 12 kHz: 48 bytes, all there are
    uint8_t *bytes = malloc(48);
    struct mp3_frame f = {0};

    memset(bytes, 'V', 48);
    memcpy(bytes, (uint8_t[]){0xff, 0xe3, 0x14, 0x04}, 4);
    assert_true(mp3_frame(bytes, &f));
    assert_int_equal(f.length, 48);
    assert_false(mp3_is_info_frame(bytes, &f));
    free(bytes);
}

static void an_id3_tag_says_how_long_it_is(void **state)
{
    (void)state;
    const uint8_t plain[] = {'I', 'D', '3', 4, 0, 0, 0, 0, 2, 1};
    const uint8_t footed[] = {'I', 'D', '3', 4, 0, 0x10, 0, 0, 2, 1};
    const uint8_t longest[] = {'I', 'D', '3', 4, 0, 0, 127, 127, 127, 127};
    const uint8_t high_bit[] = {'I', 'D', '3', 4, 0, 0, 0, 0x80, 0, 0};
    const uint8_t other[] = {'I', 'D', '4', 4, 0, 0, 0, 0, 2, 1};

    assert_int_equal(id3_length(plain), 10 + 257);
    assert_int_equal(id3_length(footed), 10 + 257 + 10);
    assert_int_equal(id3_length(longest), 10 + 0x0fffffff);
    assert_int_equal(id3_length(high_bit), 0);
    assert_int_equal(id3_length(other), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_tells_length_and_time),
        cmocka_unit_test(each_index_has_its_bit_rate),
        cmocka_unit_test(what_is_no_mp3_is_refused),
        cmocka_unit_test(no_header_has_a_frame_without_room_for_itself),
        cmocka_unit_test(a_frame_about_the_file_is_known),
        cmocka_unit_test(a_frame_too_short_for_such_a_tag_has_none),
        cmocka_unit_test(an_id3_tag_says_how_long_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
