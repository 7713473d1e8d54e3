/*
 * msg/types_send.c -- send readings, each with a type of its own.
 *
 * Shows:   A message's type is for its sender to choose: 1 or more. What it
 *          means is agreed between the two ends; here, the lower the more
 *          urgent. Nothing but the receiver acts on it.
 *
 * Run:     start msg/types_recv.c first; its header has both commands
 *
 * Read:    msgsnd(2)
 */
#include <err.h>
#include <stdint.h>
#include <sys/msg.h>

#include "../common/program.h"
#include "reading_queue.h"

#define END_TYPE 9 // the receiver looks for this one first

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] = "types_send FILE TYPE..., each from 1 to 8";
    if (argc < 3)
        return usage(argc, argv, synopsis);
    for (int i = 2; i < argc; i++) {
        long type;
        if (!parse_long(argv[i], 1, END_TYPE - 1, &type))
            return usage(argc, argv, synopsis);
    }

    int queue = queue_find(argv[1]);

    uint32_t sent = 0;
    for (int i = 2; i < argc; i++) {
        struct reading r = reading_sample(++sent);
        struct reading_msg msg = {.wire = reading_encode(&r)};
        parse_long(argv[i], 1, END_TYPE - 1, &msg.mtype);

        if (msgsnd(queue, &msg, sizeof msg.wire, 0) == -1)
            err(1, "msgsnd");
    }

    struct reading end = {.kind = READING_END, .seq = sent};
    struct reading_msg last = {END_TYPE, .wire = reading_encode(&end)};
    if (msgsnd(queue, &last, sizeof last.wire, 0) == -1)
        err(1, "msgsnd");
    return 0;
}
