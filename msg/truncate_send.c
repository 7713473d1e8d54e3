/*
 * msg/truncate_send.c -- send three messages, the second longer than the rest.
 *
 * Shows:   A queue takes messages of any size up to msgmax, 8192 bytes; what is
 *          longer is refused at once, with EINVAL. Whether the receiver has
 *          room for them is the receiver's business.
 *
 * Run:     start msg/truncate_recv.c first; its header has both commands
 *
 * Read:    msgsnd(2), sysvipc(7)
 */
#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>

#include "../common/program.h"
#include "reading_queue.h"

// A reading, and behind it a remark as long as it happens to be.
struct remarked_msg {
    long mtype;
    struct reading_wire wire;
    char remark[]; // no NUL: the size of the message says where it ends
};

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 3)
        return usage(argc, argv, "truncate_send FILE REMARK");

    int queue = queue_find(argv[1]);

    uint32_t sent = 0;
    for (uint32_t seq = 1; seq <= 3; seq++) {
        struct reading r = reading_sample(seq);
        const char *remark = seq == 2 ? argv[2] : "";
        size_t length = strlen(remark);
        struct remarked_msg *msg = malloc(sizeof *msg + length);
        if (!msg)
            err(1, "malloc");
        msg->mtype = r.kind;
        msg->wire = reading_encode(&r);
        memcpy(msg->remark, remark, length);

        if (msgsnd(queue, msg, sizeof msg->wire + length, 0) == 0)
            sent++;
        else
            warn("msgsnd of %zu bytes", sizeof msg->wire + length);
        free(msg);
    }

    struct reading end = {.kind = READING_END, .seq = 3};
    struct reading_msg last = {.mtype = end.kind, .wire = reading_encode(&end)};
    if (msgsnd(queue, &last, sizeof last.wire, 0) == -1)
        err(1, "msgsnd");
    return sent == 3 ? 0 : 1;
}
