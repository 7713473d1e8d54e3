/*
 * udp/relay/ladder.h -- what the relay says about each datagram, and in the
 * end.
 *
 *     1    #7 ------->       17 bytes
 *     1       <------- #7     5 bytes
 *     1    #8 --X            17 bytes: lost
 *
 * First the conversation; then the number of the datagram in its direction, on
 * the side it comes from.
 */
#ifndef UDP_RELAY_LADDER_H
#define UDP_RELAY_LADDER_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum direction { THERE, BACK }; // to the server, and to the client

struct picture {
    const char *there, *back;
};
static const struct picture PASSES = {"------->", "<-------"};
static const struct picture TWICE = {"=======>", "<======="};
static const struct picture CHANGED = {"--~~~-->", "<--~~~--"};
static const struct picture STOPS = {"--X     ", "     X--"};
static const struct picture WAITS = {"--+     ", "     +--"};
static const struct picture GOES_ON = {"  +---->", "<----+  "};

struct remark {
    char text[160];
    size_t length;
};

__attribute__((format(printf, 2, 3))) static inline void
remark(struct remark *r, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    int n = vsnprintf(r->text + r->length, sizeof r->text - r->length, format,
                      values);
    va_end(values);
    if (n > 0)
        r->length += (size_t)n;
    if (r->length >= sizeof r->text)
        r->length = sizeof r->text - 1;
}

static inline void ladder(uint32_t conversation, enum direction direction,
                          uint32_t number, struct picture picture, size_t size,
                          const struct remark *r)
{
    char name[sizeof "#4294967295"];

    snprintf(name, sizeof name, "#%" PRIu32, number);
    if (direction == THERE)
        printf("%-3" PRIu32 " %5s %s       %5zu bytes%s\n", conversation, name,
               picture.there, size, r->text);
    else
        printf("%-3" PRIu32 "       %s %-5s %5zu bytes%s\n", conversation,
               picture.back, name, size, r->text);
}

// What happened to how many, in each direction.
enum event {
    CAME,
    LOST,
    DROPPED,
    IN_THE_DARK,
    CORRUPTED,
    TOO_MANY,
    ROTTEN,
    DOUBLED,
    HELD_BACK,
    TURNED_AWAY,
    NOT_ON_PURPOSE,
    EVENTS,
};

static inline void print_totals(unsigned long totals[2][EVENTS])
{
    static const char *const names[EVENTS] = {
        "came",
        "lost",
        "dropped",
        "lost in the dark",
        "corrupted",
        "too many",
        "rotten",
        "doubled",
        "held back",
        "turned away",
        "lost by the relay itself",
    };

    for (int direction = THERE; direction <= BACK; direction++) {
        printf(direction == THERE ? "there:" : "back:");
        for (int event = CAME; event < EVENTS; event++)
            if (event == CAME || totals[direction][event] > 0)
                printf("%s %lu %s", event == CAME ? "" : ",",
                       totals[direction][event], names[event]);
        printf("\n");
    }
}

#endif
