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
 * Read:    htonl(3), htons(3), offsetof(3); stdint.h(0p)
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
    size_t offset, size;
};

#define FIELD(type, name) #name, offsetof(type, name), sizeof((type){0}.name)
#define FIELDS(type)                                                           \
    {FIELD(type, kind)}, {FIELD(type, seq)}, {FIELD(type, tenths)},            \
    {                                                                          \
        FIELD(type, station)                                                   \
    }

static const struct field natural_fields[] = {FIELDS(struct natural)};
static const struct field packed_fields[] = {FIELDS(struct packed)};
static const struct field wire_fields[] = {FIELDS(struct reading_wire)};

static void print_bytes(const char *name, const unsigned char *object,
                        size_t from, size_t to)
{
    if (from == to)
        return;
    printf("  %2zu  %-7s ", from, name);
    for (size_t i = from; i < to; i++)
        printf(" %02x", object[i]);
    printf("\n");
}

// The four fields of an object, and the holes between and behind them.
static void print_struct(const char *title, const void *object, size_t size,
                         const struct field *fields)
{
    size_t end = 0;

    printf("%s: %zu bytes\n", title, size);
    for (const struct field *f = fields; f < fields + 4; f++) {
        print_bytes("(hole)", object, end, f->offset);
        end = f->offset + f->size;
        print_bytes(f->name, object, f->offset, end);
    }
    print_bytes("(hole)", object, end, size);
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 1)
        return usage(argc, argv, "layout");

    const struct reading r = reading_sample(1);
    struct natural natural;
    memset(&natural, 0xee, sizeof natural); // whatever lay there before
    natural.kind = (char)r.kind;
    natural.seq = (long)r.seq;
    natural.tenths = r.tenths;
    memcpy(natural.station, r.station, sizeof r.station);
    print_struct("in memory", &natural, sizeof natural, natural_fields);

    struct packed packed = {natural.kind, natural.seq, natural.tenths, ""};
    memcpy(packed.station, r.station, sizeof r.station);
    print_struct("packed", &packed, sizeof packed, packed_fields);

    // htonl(3) for the 32 bits of seq, htons(3) for the 16 of tenths.
    struct reading_wire wire = {
        .kind = (uint8_t)r.kind,
        .seq = htonl(r.seq),
        .tenths = htons((uint16_t)r.tenths),
    };
    memcpy(wire.station, r.station, sizeof r.station);
    print_struct("on the wire", &wire, sizeof wire, wire_fields);
    return 0;
}
