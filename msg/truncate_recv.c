/*
 * msg/truncate_recv.c -- receive messages that are longer than the buffer.
 *
 * Shows:   A message that does not fit stays in the queue, and msgrcv fails
 *          with E2BIG: nothing is lost, come again with more room. MSG_NOERROR
 *          cuts it instead and throws the rest away: with --cut, the remark to
 *          reading #2 is gone, and nothing tells that there was one.
 *
 * Run:     terminal 1 $ build/msg/truncate_recv README.md
 *          terminal 2 $ build/msg/truncate_send README.md 'fog in the fjord'
 *
 * Prints:  ready on README.md
 *          oslo #1 -3.2 C
 *          E2BIG: the next one is longer than 17 bytes
 *          oslo #2 -3.1 C
 *          remark: fog in the fjord
 *          oslo #3 -3.0 C
 *          3 of 3 readings arrived
 *
 * Read:    sysvipc(7), msgrcv(2), msgctl(2)
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../common/printable.h"
#include "../common/program.h"
#include "reading_queue.h"

struct remark_msg {
    long mtype; // cppcheck-suppress unusedStructMember
    struct reading_wire wire;
    char remark[8192 + 1]; // as much as any message holds, msgmax; and a NUL
};

// Print the reading, and the remark behind it. False at the end of readings.
static bool print_message(struct remark_msg *msg, size_t length,
                          uint32_t *arrived)
{
    size_t least = sizeof msg->wire;
    size_t remark = length > least ? length - least : 0;
    uint32_t before = *arrived;

    bool more = reading_report(&msg->wire, length - remark, arrived);
    if (*arrived > before && remark > 0) {
        msg->remark[remark] = '\0';
        printf("remark: %s\n", printable(msg->remark));
    }
    return more;
}

int main(int argc, char *argv[])
{
    program_start();
    int cut = 0;
    const struct option flags[] = {{"cut", no_argument, &cut, 1}, {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "truncate_recv [--cut] FILE");

    int queue = queue_make(argv[optind]);
    set_alarm(1);
    program_ready("ready on %s\n", argv[optind]);

    struct remark_msg msg;
    const size_t least = sizeof msg.wire, most = least + sizeof msg.remark - 1;
    size_t room = least;
    int no_wait = 0;
    uint32_t arrived = 0;
    bool more = true;

    while (more) {
        int flag = cut || room == most ? MSG_NOERROR : 0;
        ssize_t n = msgrcv(queue, &msg, room, 0, flag | no_wait);
        if (n == -1 && errno == E2BIG) {
            printf("E2BIG: the next one is longer than %zu bytes\n", room);
            room = room * 2 < most ? room * 2 : most;
        } else if (n == -1 && errno != EINTR) {
            err(1, no_wait ? "the sender has ended" : "msgrcv");
        } else if (n == -1) { // a tick
            no_wait = sender_has_ended(queue) ? IPC_NOWAIT : 0;
        } else {
            more = print_message(&msg, (size_t)n, &arrived);
        }
    }

    if (msgctl(queue, IPC_RMID, NULL) == -1)
        err(1, "msgctl");
    return 0;
}
