/*
 * udp/layout.c -- the bytes of one struct: in memory, packed, on the wire.
 *
 * Shows:   What another machine would get if a struct were sent as it lies in
 *          memory. Packing takes out the holes; the order and the width of the
 *          numbers are still this machine's own. (What is printed below, a
 *          little-endian machine with a long of 64 bits prints.)
 *
 * Run:     $ build/udp/layout
 *
 * Prints:  in memory: 32 bytes
 *             0  kind     01
 *             1  (hole)   ee ee ee ee ee ee ee
 *             8  seq      01 00 00 00 00 00 00 00
 *            16  tenths   e0 ff
 *            18  station  6f 73 6c 6f 00 00 00 00 00 00
 *            28  (hole)   ee ee ee ee
 *          packed: 21 bytes
 *             0  kind     01
 *             1  seq      01 00 00 00 00 00 00 00
 *             9  tenths   e0 ff
 *            11  station  6f 73 6c 6f 00 00 00 00 00 00
 *          on the wire: 17 bytes
 *             0  kind     01
 *             1  seq      00 00 00 01
 *             5  tenths   ff e0
 *             7  station  6f 73 6c 6f 00 00 00 00 00 00
 *
 * Read:    byteorder(3), endian(3), stdint.h(0p)
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "../common/program.h"
#include "../common/reading.h"

struct natural { // what comes to mind first
    char kind;
    long seq;
    short tenths;
    char station[STATION_SIZE];
};

struct packed {
    char kind;
    long seq;
    short tenths;
    char station[STATION_SIZE];
} __attribute__((packed));

struct field {
    const char *name;
    const void *bytes;
    size_t size;
};

static void print_bytes(const char *name, const unsigned char *object,
                        size_t from, size_t to)
{
    printf("  %2zu  %-7s ", from, name);
    for (size_t i = from; i < to; i++)
        printf(" %02x", object[i]);
    printf("\n");
}

// The four fields of an object, and the holes between and behind them.
static void print_struct(const char *title, const void *object, size_t size,
                         const struct field *f)
{
    size_t place = 0;

    printf("%s: %zu bytes\n", title, size);
    for (int i = 0; i < 4; i++) {
        size_t offset =
            (size_t)((const char *)f[i].bytes - (const char *)object);
        if (place < offset)
            print_bytes("(hole)", object, place, offset);
        place = offset + f[i].size;
        print_bytes(f[i].name, object, offset, place);
    }
    if (place < size)
        print_bytes("(hole)", object, place, size);
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 1)
        return usage(argc, argv, "layout");

    struct reading r = reading_sample(1);

    struct natural natural;
    memset(&natural, 0xee, sizeof natural); // whatever lay there before
    natural.kind = (char)r.kind;
    natural.seq = (long)r.seq;
    natural.tenths = r.tenths;
    memcpy(natural.station, r.station, sizeof r.station);

    struct packed packed = {
        .kind = natural.kind,
        .seq = natural.seq,
        .tenths = natural.tenths,
    };
    memcpy(packed.station, r.station, sizeof r.station);

    struct reading_wire wire = reading_encode(&r);

    const struct field in_memory[] = {
        {"kind", &natural.kind, sizeof natural.kind},
        {"seq", &natural.seq, sizeof natural.seq},
        {"tenths", &natural.tenths, sizeof natural.tenths},
        {"station", &natural.station, sizeof natural.station},
    };
    print_struct("in memory", &natural, sizeof natural, in_memory);

    const struct field without_holes[] = {
        {"kind", &packed.kind, sizeof packed.kind},
        {"seq", &packed.seq, sizeof packed.seq},
        {"tenths", &packed.tenths, sizeof packed.tenths},
        {"station", &packed.station, sizeof packed.station},
    };
    print_struct("packed", &packed, sizeof packed, without_holes);

    const struct field on_the_wire[] = {
        {"kind", &wire.kind, sizeof wire.kind},
        {"seq", &wire.seq, sizeof wire.seq},
        {"tenths", &wire.tenths, sizeof wire.tenths},
        {"station", &wire.station, sizeof wire.station},
    };
    print_struct("on the wire", &wire, sizeof wire, on_the_wire);
    return 0;
}
