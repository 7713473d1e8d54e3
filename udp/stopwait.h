/*
 * udp/stopwait.h -- what both ends of udp/stopwait agree on.
 *
 * A reading goes one way. What comes back says which one was received:
 *
 *     0      1      5
 *     +------+------+
 *     | kind | seq  |
 *     +------+------+
 */
#ifndef UDP_STOPWAIT_H
#define UDP_STOPWAIT_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "../common/reading.h"

struct ack_wire {
    uint8_t kind;
    uint32_t seq; // big-endian
} __attribute__((packed));

_Static_assert(sizeof(struct ack_wire) == 5, "padding crept in");

// In microseconds. The sender waits from SHORTEST to LONGEST before it sends
// again, and gives a reading up after PATIENCE. The receiver lingers after END:
// if its last ACK was lost, END comes again.
#define SHORTEST 300000L
#define LONGEST 600000L
#define PATIENCE 3000000L
#define LINGER 700000L

// A reading's place in the conversation: END comes after the last of them.
static inline long place_of(const struct reading *r)
{
    return (long)r->seq + (r->kind == READING_END);
}

// "#3", or "END".
struct name {
    char text[sizeof "#4294967295"];
};

static inline struct name name_of(const struct reading *r)
{
    struct name name = {"END"};

    if (r->kind == READING_DATA)
        snprintf(name.text, sizeof name.text, "#%" PRIu32, r->seq);
    return name;
}

#endif
