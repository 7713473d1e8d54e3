/*
 * tcp/frame.h -- one message of the framing lesson: a reading and a remark.
 *
 *     0        2                 19
 *     +--------+-----------------+---- - - ----+
 *     | length | reading         | remark      |
 *     +--------+-----------------+---- - - ----+
 *              |<----------- length ---------->|
 */
#ifndef TCP_FRAME_H
#define TCP_FRAME_H

#include <ctype.h>

#include "../common/reading.h"

#define REMARK_MAX 40 // bytes; no NUL, the length says where it ends

struct frame_wire {
    uint16_t length; // of what follows
    struct message_wire {
        struct reading_wire reading;
        char remark[REMARK_MAX];
    } __attribute__((packed)) message;
} __attribute__((packed));

_Static_assert(sizeof(struct frame_wire) == 59, "padding crept in");

// Say in one line what the length bytes of *m are, and count it if that is a
// reading. False at the end of the readings.
static inline bool message_report(const struct message_wire *m, size_t length,
                                  uint32_t *arrived)
{
    struct reading r;

    if (length < sizeof m->reading || length > sizeof *m ||
        !reading_decode(&r, &m->reading, sizeof m->reading)) {
        printf("skipped %zu bytes: not a reading\n", length);
        return true;
    }
    if (r.kind == READING_END)
        return reading_report(&m->reading, sizeof m->reading, arrived);

    printf("%s #%" PRIu32 " %.1f C: ", r.station, r.seq, r.tenths / 10.0);
    for (size_t i = 0; i < length - sizeof m->reading; i++)
        putchar(isprint((unsigned char)m->remark[i]) ? m->remark[i] : '?');
    putchar('\n');
    (*arrived)++;
    return true;
}

#endif
