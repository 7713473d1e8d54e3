/*
 * tests/test_audio.c -- what tcp/stream_server/audio.h promises.
 */
#define _GNU_SOURCE // memfd_create
#include "unit.h"

#include <sys/mman.h>

#include "../tcp/stream_server/audio.h"

// What a file says of these bytes, and then zeros up to that size.
static struct audio look_at(const void *bytes, size_t count, off_t size)
{
    int file = memfd_create("sound", MFD_CLOEXEC);

    assert_int_not_equal(file, -1);
    assert_int_equal(write(file, bytes, count), count);
    assert_int_equal(ftruncate(file, size), 0);
    struct audio a = audio_of(file, size);
    close(file);
    return a;
}

static int64_t rate_of(const void *bytes, size_t count, off_t size)
{
    return look_at(bytes, count, size).rate;
}

static off_t start_of(const void *bytes, size_t count, off_t size)
{
    return look_at(bytes, count, size).start;
}

static void wav_says_it_in_its_format_chunk(void **state)
{
    (void)state;
    static const char wav[] = "RIFF\0\0\0\0WAVE"
                              "odd \3\0\0\0abc\0" // 3 bytes, and one of padding
                              "fmt \20\0\0\0\1\0\2\0\x44\xac\0\0\x10\xb1\2\0"
                              "\4\0\20\0data\0\0\0\0";

    assert_int_equal(rate_of(wav, sizeof wav - 1, 1000), 176400 * 8);
    assert_int_equal(start_of(wav, sizeof wav - 1, 1000), sizeof wav - 1);
    assert_int_equal(rate_of(wav, 40, 40), 0);  // cut off
    assert_int_equal(rate_of(wav, 12, 12), 0);  // no chunk at all
    assert_int_equal(rate_of(wav, 12, 100), 0); // chunks of no size
}

static void flac_is_as_long_as_its_samples(void **state)
{
    (void)state;
    // 44100 Hz, 2 channels, 16 bits, 88200 samples: two seconds
    static const uint8_t flac[26] = {
        'f', 'L', 'a', 'C', 128, 0,    0,    34,   16,   0,    16,   0,    0,
        0,   0,   0,   0,   0,   0x0a, 0xc4, 0x42, 0xf0, 0x00, 0x01, 0x58, 0x88,
    };
    uint8_t unknown[26];

    assert_int_equal(start_of(flac, sizeof flac, 50042), 42);
    assert_int_equal(rate_of(flac, sizeof flac, 50042), 200000);
    memcpy(unknown, flac, sizeof unknown);
    memset(unknown + 22, 0, 4);
    assert_int_equal(rate_of(unknown, sizeof unknown, 50000), 0);
}

// Frames of MPEG-1, 44.1 kHz: 128 and 64 kbit/s, 417 and 208 bytes.
static void mp3_is_the_mean_of_its_frames(void **state)
{
    (void)state;
    static const uint8_t tag[20] = "ID3\3\0\0\0\0\0\6tag..."; // and 4 zeros
    static const uint8_t fast[] = {0xff, 0xfb, 0x90, 0x64};
    static const uint8_t slow[] = {0xff, 0xfb, 0x50, 0x64};
    uint8_t mp3[1274] = {0}, *at = mp3;

    at = (uint8_t *)memcpy(at, tag, sizeof tag) + sizeof tag;
    at = (uint8_t *)memcpy(at, fast, 4) + 417;
    at = (uint8_t *)memcpy(at, fast, 4) + 417;
    at = (uint8_t *)memcpy(at, slow, 4) + 208;
    at = (uint8_t *)memcpy(at, slow, 4) + 208;
    memcpy(at, slow, 4); // cut off: does not count
    // 1250 bytes in 4 x 1152 / 44100 s
    assert_in_range(rate_of(mp3, sizeof mp3, sizeof mp3), 95690, 95710);
    assert_int_equal(start_of(mp3, sizeof mp3, sizeof mp3), sizeof tag);
}

static void a_picture_before_the_sound_is_not_part_of_it(void **state)
{
    (void)state;
    // As above, and then a block of 100000 bytes: 0x0186a0.
    static const uint8_t picture[] = {0x86, 0x01, 0x86, 0xa0};
    uint8_t flac[46] = {
        'f', 'L', 'a', 'C', 0, 0,    0,    34,   16,   0,    16,   0,    0,
        0,   0,   0,   0,   0, 0x0a, 0xc4, 0x42, 0xf0, 0x00, 0x01, 0x58, 0x88,
    };

    memcpy(flac + 42, picture, sizeof picture);
    assert_int_equal(start_of(flac, sizeof flac, 150046), 100046);
    assert_int_equal(rate_of(flac, sizeof flac, 150046), 200000);
    assert_int_equal(rate_of(flac, sizeof flac, 99999), 0); // cut off
}

static void other_files_have_no_rate(void **state)
{
    (void)state;
    assert_int_equal(rate_of("", 0, 0), 0);
    assert_int_equal(start_of("hello", 5, 5), 0); // all of it at --rate
    assert_int_equal(rate_of("hello", 5, 5), 0);
    assert_int_equal(rate_of("", 0, 100000), 0);
    assert_int_equal(rate_of("ID3\3\0\0\x7f\x7f\x7f\x7f", 10, 10), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wav_says_it_in_its_format_chunk),
        cmocka_unit_test(flac_is_as_long_as_its_samples),
        cmocka_unit_test(mp3_is_the_mean_of_its_frames),
        cmocka_unit_test(a_picture_before_the_sound_is_not_part_of_it),
        cmocka_unit_test(other_files_have_no_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
