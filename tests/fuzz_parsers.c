/*
 * tests/fuzz_parsers.c -- give anything to each parser of bytes from elsewhere.
 *
 *     make fuzz SECONDS=3600    this one, and those of httpd
 *
 * The first byte says which parser. Beyond not crashing: what one has accepted,
 * written again, must be the same.
 */
#define _GNU_SOURCE // strndup
#include <stdlib.h>

#include "../common/mp3.h"
#include "../common/radio.h"
#include "../common/reading.h"
#include "../common/trace/call.c"
#include "../msg/ftp/ftp_message.h"
#include "../udp/tftp/tftp_options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void fuzz_reading(const uint8_t *bytes, size_t n)
{
    struct reading r;
    struct reading_wire w = {0};

    memcpy(&w, bytes, n < sizeof w ? n : sizeof w);
    if (!reading_decode(&r, &w, n))
        return;
    struct reading_wire again = reading_encode(&r);
    struct reading twice;
    must(reading_decode(&twice, &again, sizeof again));
    must(twice.kind == r.kind && twice.seq == r.seq);
    must(twice.tenths == r.tenths && strcmp(twice.station, r.station) == 0);
}

static void fuzz_ftp(const uint8_t *bytes, size_t n)
{
    static struct ftp_msg msg, again;
    struct ftp_message m;

    if (n < 1 || n - 1 > FTP_SIZE_MAX)
        return;
    msg.mtype = FTP_DATA - 1 + bytes[0] % 8;
    memcpy(&msg.head, bytes + 1, n - 1);
    if (!ftp_decode(&m, &msg, n - 1))
        return;
    must(m.count < n);
    must(ftp_encode(&again, &m) == n - 1);
    must(again.mtype == msg.mtype);
    must(memcmp(&again.head, &msg.head, n - 1) == 0);
}

static void fuzz_tftp(const uint8_t *bytes, size_t n)
{
    static struct cksum sum;
    struct tftp_packet p;
    struct tftp_options o;
    struct tftp_options twice;
    uint8_t again[512] = "\0\6";

    if (sum.fold_low == 0)
        cksum_start(&sum);
    if (!tftp_decode(&p, bytes, n))
        return;
    must(p.bytes >= bytes && p.bytes + p.count <= bytes + n);
    if (p.opcode != TFTP_RRQ && p.opcode != TFTP_WRQ && p.opcode != TFTP_OACK)
        return;
    must(!p.path || strlen(p.path) + strlen(p.mode) + 4 <= n);
    tftp_options_get(&o, &p);
    tftp_options_intact(&o, bytes, n, &sum);
    size_t length = tftp_options_put(again, 2, sizeof again, &o, &sum);
    must(length >= 2);
    if (length < TFTP_HEADER)
        return;
    must(tftp_decode(&p, again, length) && tftp_options_get(&twice, &p));
    must(twice.set == o.set);
    must(tftp_options_intact(&twice, again, length, &sum) ==
         ((o.set & TFTP_OPTIONS_PRIVATE) == 0 ||
          tftp_options_has(&o, TFTP_OPTION_CRC)));
}

static void fuzz_radio(const uint8_t *bytes, size_t n)
{
    static struct radio_wire w, again;
    struct radio_header h;
    struct radio_list list;

    if (radio_decode_list(bytes, n, &list)) {
        uint8_t listed[RADIO_BYTES_MAX];
        must(radio_encode_list(listed, &list) == n);
        must(memcmp(listed, bytes, n) == 0);
    }
    memcpy(&w, bytes, n < sizeof w ? n : sizeof w);
    if (!radio_decode(&w, n, &h))
        return;
    must(h.length <= n);
    radio_encode(&again, &h);
    must(memcmp(&again, &w, RADIO_HEADER) == 0);
}

static void fuzz_mp3(const uint8_t *bytes, size_t n)
{
    struct mp3_frame f;

    if (n >= ID3_HEADER)
        must(id3_length(bytes) < (size_t)1 << 29);
    if (n < MP3_HEADER || !mp3_frame(bytes, &f))
        return;
    must(f.length >= MP3_HEADER && f.samples > 0 && f.rate > 0);
    must(mp3_duration_ns(&f) > 0);
    if (n >= f.length)
        mp3_is_info_frame(bytes, &f);
}

static void fuzz_trace(const uint8_t *bytes, size_t n)
{
    struct calls calls = {0};
    char *line = strndup((const char *)bytes, n);

    if (line && calls_read_line(&calls, 0, line) && calls.count > 0 &&
        calls.call->args)
        for (int i = 0; i < 3; i++) {
            char text[64];
            uint8_t found[64];
            call_number(calls.call, i);
            call_arg(calls.call, i, text, sizeof text);
            must(text_bytes(text, found, sizeof found) <= sizeof found);
            must(text_vector(text, found, sizeof found) <= sizeof found);
        }
    calls_free(&calls);
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const parsers[])(const uint8_t *, size_t) = {
        fuzz_reading, fuzz_ftp, fuzz_tftp, fuzz_radio, fuzz_mp3, fuzz_trace};

    if (size == 0)
        return 0;
    // In memory of exactly its size, so that a byte too far is seen.
    uint8_t *bytes = malloc(size > 1 ? size - 1 : 1);
    must(bytes != NULL);
    memcpy(bytes, data + 1, size - 1);
    parsers[data[0] % (sizeof parsers / sizeof *parsers)](bytes, size - 1);
    free(bytes);
    return 0;
}
