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

#include "../common/clock.h"
#include "../common/reading.h"
#include "number_list.h"
#include "rto.h"

struct ack_wire {
    uint8_t kind;
    uint32_t seq; // big-endian
} __attribute__((packed));

_Static_assert(sizeof(struct ack_wire) == 5, "padding crept in");

// The sender's timeout stays within these two, and after GIVE_UP_US without an
// ACK it ends. The receiver stays for DALLY_US after END: if its last ACK was
// lost, END comes again (RFC 1350 calls that dallying).
#define RTO_MIN_US 300000
#define RTO_MAX_US 600000
#define GIVE_UP_US 3000000
#define DALLY_US 700000

// Where a message is in the sequence: END comes after the last reading.
static inline long sequence_of(const struct reading *r)
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
