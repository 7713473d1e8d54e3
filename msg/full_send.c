/*
 * msg/full_send.c -- send more readings than the queue holds.
 *
 * Shows:   A queue holds msg_qbytes bytes. When it is full, msgsnd waits; with
 *          IPC_NOWAIT it fails with EAGAIN instead, and what to do is up to us.
 *          Here it is asked first and waited for then. With --no-wait it is
 *          only asked: what does not fit is lost.
 *
 * Run:     start msg/full_recv.c first; its header has both commands
 *
 * Prints:  #11: the queue is full (EAGAIN), so wait
 *          #11: there was room again
 *
 * Read:    msgsnd(2)
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../common/program.h"
#include "reading_queue.h"

int main(int argc, char *argv[])
{
    program_start();
    int no_wait = 0;
    const struct option flags[] = {{"no-wait", no_argument, &no_wait, 1}, {0}};
    long count;
    if (!parse_flags(argc, argv, flags) || argc - optind != 2 ||
        !parse_long(argv[optind + 1], 0, 1000000, &count))
        return usage(argc, argv, "full_send [--no-wait] FILE COUNT");

    int queue = queue_find(argv[optind]);

    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        struct reading r = reading_sample(seq);
        struct reading_msg msg = {.mtype = r.kind, .wire = reading_encode(&r)};

        if (msgsnd(queue, &msg, sizeof msg.wire, IPC_NOWAIT) == 0)
            continue;
        if (errno != EAGAIN)
            err(1, "msgsnd");
        if (no_wait) {
            printf("#%" PRIu32 ": the queue is full (EAGAIN): lost\n", seq);
            continue;
        }
        printf("#%" PRIu32 ": the queue is full (EAGAIN), so wait\n", seq);
        if (msgsnd(queue, &msg, sizeof msg.wire, 0) == -1)
            err(1, "msgsnd");
        printf("#%" PRIu32 ": there was room again\n", seq);
    }

    struct reading end = {.kind = READING_END, .seq = (uint32_t)count};
    struct reading_msg last = {.mtype = end.kind, .wire = reading_encode(&end)};
    if (msgsnd(queue, &last, sizeof last.wire, 0) == -1)
        err(1, "msgsnd");
    return 0;
}
