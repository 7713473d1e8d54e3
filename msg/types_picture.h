/*
 * msg/types_picture.h -- the queue as msg/types_recv draws it.
 *
 * It is looked at with MSG_COPY, which copies the message at a place and leaves
 * it there. A kernel without CONFIG_CHECKPOINT_RESTORE has no MSG_COPY: then
 * only what is taken is drawn.
 *
 * Define _GNU_SOURCE before the first #include.
 */
#ifndef MSG_TYPES_PICTURE_H
#define MSG_TYPES_PICTURE_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../common/compat.h"
#include "reading_queue.h"

#define END_TYPE 9 // of END; readings have types below
#define SHOWN_MAX 64

struct label {
    char text[32]; // "1:#3"
};

static inline struct label label(const struct reading_msg *msg, size_t size)
{
    struct label l;
    struct reading r;

    if (!reading_decode(&r, &msg->wire, size))
        snprintf(l.text, sizeof l.text, "%ld:?", msg->mtype);
    else if (r.kind == READING_END)
        snprintf(l.text, sizeof l.text, "%ld:END", msg->mtype);
    else
        snprintf(l.text, sizeof l.text, "%ld:#%" PRIu32, msg->mtype, r.seq);
    return l;
}

// Look at what is in the queue, and leave it there. Returns how many: none if
// the kernel has no MSG_COPY.
static inline int peek(int queue, struct label labels[SHOWN_MAX])
{
    int count = 0;

    while (count < SHOWN_MAX) {
        struct reading_msg msg = {0};

        // With MSG_COPY the fourth argument is a place, not a type.
        ssize_t n =
            msgrcv(queue, &msg, sizeof msg.wire, count, MSG_COPY | IPC_NOWAIT);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1 && errno != E2BIG) // ENOMSG: nothing is at that place
            break;
        labels[count++] = label(&msg, n == -1 ? 0 : (size_t)n);
    }
    return count;
}

// A line: the queue, and brackets around what was taken.
static inline void draw(const struct label before[], int count,
                        struct label taken)
{
    bool found = false;

    for (int i = 0; i < count; i++) {
        bool here = !found && strcmp(before[i].text, taken.text) == 0;
        printf(here ? " [%s]" : "  %s", before[i].text);
        found = found || here;
    }
    printf(found ? "\n" : " [%s]\n", taken.text); // not seen: too long a one
}

#endif
