/*
 * msg/gone_send.c -- send two readings, then remove the queue.
 *
 * Shows:   A queue is removed at once: processes that wait in it are woken up
 *          with EIDRM, and messages that are still in it are thrown away. So
 *          first see that they were received, and, as this is about waiting,
 *          that the receiver waits again; for a second at the most.
 *
 * Run:     start msg/gone_recv.c first; its header has both commands
 *
 * Prints:  removed the queue in which process <pid> waited
 *
 * Read:    sysvipc(7), msgsnd(2), msgctl(2), proc(5)
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <time.h>

#include "../common/proc.h"
#include "../common/program.h"
#include "reading_queue.h"

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "gone_send FILE");

    int queue = queue_find(argv[1]);

    for (uint32_t seq = 1; seq <= 2; seq++) {
        struct reading r = reading_sample(seq);
        struct reading_msg msg = {.mtype = r.kind, .wire = reading_encode(&r)};

        if (msgsnd(queue, &msg, sizeof msg.wire, 0) == -1)
            err(1, "msgsnd");
    }

    struct msqid_ds about;
    bool waits = false;
    for (int tries = 0; !waits && tries < 200; tries++) {
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        if (msgctl(queue, IPC_STAT, &about) == -1)
            err(1, "msgctl");
        waits = about.msg_qnum == 0 && proc_state(about.msg_lrpid) == 'S';
    }

    if (msgctl(queue, IPC_RMID, NULL) == -1)
        err(1, "msgctl");
    if (!waits)
        errx(1, "removed the queue with %lu messages in it", about.msg_qnum);
    printf("removed the queue in which process %d waited\n", about.msg_lrpid);
    return 0;
}
