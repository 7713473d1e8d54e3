/*
 * msg/basic_recv.c -- receive weather readings from a message queue.
 *
 * Shows:   A queue keeps messages apart and in order, and lives in the kernel:
 *          it stays when its processes end, so somebody has to remove it.
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
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../common/ending.h"
#include "../common/program.h"
#include "../common/reading.h"

static int queue = -1; // here, because a signal handler takes no arguments

static void remove_queue(int number)
{
    msgctl(queue, IPC_RMID, NULL);
    end_by(number);
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "basic_recv FILE");

    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);

    // Without IPC_EXCL: the queue of a receiver that was killed will do, and
    // what is still in it arrives.
    before_ending(remove_queue);
    queue = msgget(key, IPC_CREAT | 0600);
    if (queue == -1)
        err(1, "msgget %s", argv[1]);

    printf("ready on %s\n", argv[1]);

    uint32_t arrived = 0;
    bool more;
    do {
        struct reading_msg msg;

        // The size counts what follows mtype. 0: the oldest message, any type.
        // MSG_NOERROR cuts what is too long, here one byte behind a reading:
        // a longer message can then not pass for one.
        ssize_t n = msgrcv(queue, &msg, sizeof msg.wire + sizeof msg.longer, 0,
                           MSG_NOERROR);
        if (n == -1)
            err(1, "msgrcv");
        more = reading_report(&msg.wire, (size_t)n, &arrived);
    } while (more);

    if (msgctl(queue, IPC_RMID, NULL) == -1)
        err(1, "msgctl");
    return 0;
}
