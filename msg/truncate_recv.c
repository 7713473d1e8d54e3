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
 * Read:    sysvipc(7), ftok(3), msgget(2), msgrcv(2), msgctl(2)
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../common/program.h"
#include "reading_queue.h"

// What goes to a terminal had better be text: other bytes are orders to it.
static bool is_text(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)bytes[i] < ' ' || bytes[i] == 127)
            return false;
    return true;
}

struct remark_msg {
    long mtype; // cppcheck-suppress unusedStructMember
    struct reading_wire wire;
    char remark[8192]; // as much as any message holds: msgmax
};

// Print the reading, and the remark behind it. False at the end of readings.
static bool print_message(const struct remark_msg *msg, size_t length,
                          uint32_t *arrived)
{
    size_t least = sizeof msg->wire;
    size_t remark = length > least ? length - least : 0;
    uint32_t before = *arrived;

    if (!is_text(msg->remark, remark)) {
        printf("skipped %zu bytes: the remark is not text\n", length);
        return true;
    }
    bool more = reading_report(&msg->wire, length - remark, arrived);
    if (*arrived > before && remark > 0)
        printf("remark: %.*s\n", (int)remark, msg->remark);
    return more;
}

static size_t twice(size_t room, size_t most)
{
    return room * 2 < most ? room * 2 : most;
}

int main(int argc, char *argv[])
{
    program_start();
    int cut = 0;
    const struct option flags[] = {{"cut", no_argument, &cut, 1}, {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "truncate_recv [--cut] FILE");

    key_t key = ftok(argv[optind], IPC_PROJECT);
    block_termination();
    int queue = key == -1 ? -1 : msgget(key, IPC_CREAT | 0600);
    if (queue == -1 || !queue_is_own(queue))
        errx(1, "%s: %s", argv[optind], ipc_strerror(errno));
    queue_remove_at_end(queue);
    set_alarm(1);
    program_ready("ready on %s\n", argv[optind]);

    struct remark_msg msg;
    const size_t least = sizeof msg.wire, most = least + sizeof msg.remark;
    size_t room = least;
    int no_wait = 0;
    uint32_t arrived = 0;
    bool more = true;

    while (more) {
        int flag = cut || room == most ? MSG_NOERROR : 0;
        ssize_t n = msgrcv(queue, &msg, room, 0, flag | no_wait);
        if (n == -1 && errno == E2BIG) {
            printf("E2BIG: the next one is longer than %zu bytes\n", room);
            room = twice(room, most);
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
