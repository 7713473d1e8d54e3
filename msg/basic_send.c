/*
 * msg/basic_send.c -- send weather readings into a message queue.
 *
 * Shows:   The sender finds the queue by its key. It need not wait for a
 *          receiver: messages stay in the queue until they are received.
 *
 * Run:     start msg/basic_recv.c first; its header has both commands
 *
 * Read:    sysvipc(7), ftok(3), msgget(2), msgsnd(2)
 */
#include <err.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../common/program.h"
#include "reading_queue.h"

int main(int argc, char *argv[])
{
    program_start();
    long count;
    if (argc != 3 || !parse_long(argv[2], 0, 1000000, &count))
        return usage(argc, argv, "basic_send FILE COUNT");

    // Step 1: find the queue that the file stands for
    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    int queue = msgget(key, 0);
    if (queue == -1)
        err(1, "msgget %s: is the receiver running?", argv[1]);

    // Step 2: send all readings, and END; a size does not count the type
    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        struct reading r = reading_or_end(seq, (uint32_t)count);
        // mtype is never 0: kinds start at 1.
        struct reading_msg msg = {.mtype = r.kind, .wire = reading_encode(&r)};
        if (msgsnd(queue, &msg, sizeof msg.wire, 0) == -1)
            err(1, "msgsnd");
    }
    return 0;
}
