/*
 * udp/relay/trace.c -- print the sequence diagram.
 */
#include "trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

const struct arrow ARROW = {"------->", "<-------"};
const struct arrow ARROW_DUPLICATED = {"=======>", "<======="};
const struct arrow ARROW_CHANGED = {"--~~~-->", "<--~~~--"};
const struct arrow ARROW_LOST = {"--X     ", "     X--"};
const struct arrow ARROW_REORDERED = {"--+     ", "     +--"};
const struct arrow ARROW_RELEASED = {"  +---->", "<----+  "};

void note(struct note *n, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    int length = vsnprintf(n->text + n->length, sizeof n->text - n->length,
                           format, values);
    va_end(values);
    if (length > 0)
        n->length += (size_t)length;
    if (n->length >= sizeof n->text)
        n->length = sizeof n->text - 1;
}

void trace(uint32_t session, enum direction direction, uint32_t number,
           struct arrow arrow, size_t size, const struct note *n)
{
    char name[sizeof "#4294967295"];

    snprintf(name, sizeof name, "#%" PRIu32, number);
    if (direction == THERE)
        printf("%-3" PRIu32 " %5s %s       %5zu bytes%s\n", session, name,
               arrow.there, size, n->text);
    else
        printf("%-3" PRIu32 "       %s %-5s %5zu bytes%s\n", session,
               arrow.back, name, size, n->text);
}

void print_totals(unsigned long totals[2][EVENTS])
{
    static const char *const names[EVENTS] = {
        [RECEIVED] = "received",
        [LOST] = "lost",
        [DROPPED] = "dropped",
        [LOST_IN_OUTAGE] = "lost in an outage",
        [CORRUPTED] = "corrupted",
        [QUEUE_FULL] = "lost: the queue was full",
        [CORRUPTED_UNDETECTED] = "corrupted undetected",
        [DUPLICATED] = "duplicated",
        [REORDERED] = "reordered",
        [REJECTED] = "rejected",
        [OVERFLOWED] = "lost in the relay's receive buffer",
        [SEND_FAILED] = "could not be sent",
    };

    for (int direction = THERE; direction <= BACK; direction++) {
        printf(direction == THERE ? "there:" : "back:");
        for (int event = RECEIVED; event < EVENTS; event++)
            if (event == RECEIVED || totals[direction][event] > 0)
                printf("%s %lu %s", event == RECEIVED ? "" : ",",
                       totals[direction][event], names[event]);
        printf("\n");
    }
}
