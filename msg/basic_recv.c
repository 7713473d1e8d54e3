/*
 * msg/basic_recv.c -- receive weather readings from a message queue.
 *
 * Shows:   A queue keeps messages apart and in order, and lives in the kernel:
 *          it stays when its processes end, so one of them has to remove it.
 *          It has no end of file either: once a second the receiver asks
 *          whether the last sender is still alive.
 *
 * Run:     terminal 1 $ build/msg/basic_recv README.md
 *          terminal 2 $ build/msg/basic_send README.md 3
 *
 * Prints:  ready on README.md
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          3 of 3 readings arrived
 *
 * Read:    sysvipc(7), ftok(3), msgget(2), msgrcv(2), msgctl(2)
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../common/program.h"
#include "../common/termination.h"
#include "reading_queue.h"

static int queue = -1; // here, because a signal handler takes no arguments

static void remove_queue(void)
{
    msgctl(queue, IPC_RMID, NULL);
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "basic_recv FILE");

    // Step 1: make the queue that the file stands for, and say ready
    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    // Without IPC_EXCL: the queue of a receiver that was killed will do, and
    // what is still in it arrives.
    block_termination();
    queue = msgget(key, IPC_CREAT | 0600);
    if (queue == -1)
        errx(1, "msgget %s: %s", argv[1], ipc_strerror(errno));
    if (!queue_is_own(queue))
        errx(1, "%s: queue %d is another user's", argv[1], queue);
    on_termination(remove_queue);
    program_ready("ready on %s\n", argv[1]);

    // Step 2: receive until END, or until the sender has ended
    set_alarm(1);
    int flags = MSG_NOERROR; // cut what is too long
    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        struct reading_msg msg;

        // The size counts what follows mtype: here a byte more than a reading
        // has, so that a longer message cannot pass for one. 0: the oldest
        // message, any type.
        ssize_t n = msgrcv(queue, &msg, READING_MSG_SIZE, 0, flags);
        if (n >= 0)
            more = reading_report(&msg.wire, (size_t)n, &arrived);
        else if (errno != EINTR) // ENOMSG, if we do not wait any more
            err(1, flags & IPC_NOWAIT ? "the sender has ended" : "msgrcv");
        else if (sender_has_ended(queue)) // a tick: look after it
            flags |= IPC_NOWAIT;          // take what is still there
    }

    // Step 3: remove the queue
    if (msgctl(queue, IPC_RMID, NULL) == -1)
        err(1, "msgctl");
    return 0;
}
