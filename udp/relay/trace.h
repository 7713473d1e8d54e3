/*
 * udp/relay/trace.h -- what the relay prints: a sequence diagram, and totals.
 *
 *     1    #7 ------->       17 bytes
 *     1       <------- #7     5 bytes
 *     1    #8 --X            17 bytes: lost
 *
 * First the session; then the number of the datagram in its direction, on the
 * side it comes from.
 */
#ifndef UDP_RELAY_TRACE_H
#define UDP_RELAY_TRACE_H

#include <stddef.h>
#include <stdint.h>

enum direction { THERE, BACK }; // to the server, and to the client

struct arrow {
    const char *there, *back;
};
extern const struct arrow ARROW, ARROW_DUPLICATED, ARROW_CHANGED, ARROW_LOST,
    ARROW_REORDERED, ARROW_RELEASED;

// What is to be said behind the number of bytes.
struct note {
    char text[160];
    size_t length;
};

__attribute__((format(printf, 2, 3))) void note(struct note *n,
                                                const char *format, ...);

void trace(uint32_t session, enum direction direction, uint32_t number,
           struct arrow arrow, size_t size, const struct note *n);

// What happened to how many, in each direction.
enum event {
    RECEIVED,
    LOST,
    DROPPED,
    LOST_IN_OUTAGE,
    CORRUPTED,
    QUEUE_FULL,
    CORRUPTED_UNDETECTED,
    DUPLICATED,
    REORDERED,
    REJECTED,
    OVERFLOWED,
    SEND_FAILED,
    EVENTS,
};

void print_totals(unsigned long totals[2][EVENTS]);

#endif
