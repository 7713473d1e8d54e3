/*
 * msg/types_recv.c -- choose what to receive by its type.
 *
 * Shows:   What msgrcv takes out of the queue is chosen by its msgtyp:
 *
 *               0   the oldest message
 *               3   the oldest of type 3
 *              -2   the lowest type that is not above 2; of that, the oldest
 *              ^2   the oldest that is not of type 2 (MSG_EXCEPT)
 *
 *          Each line is the queue before a receive, its oldest message first,
 *          with brackets around what is taken. 1:#3 is reading #3, of type 1.
 *
 * Run:     terminal 1 $ build/msg/types_recv README.md -2 -2 -2 3 ^2 0 5
 *          terminal 2 $ build/msg/types_send README.md 2 3 1 2 3 1
 *
 * Prints:  ready on README.md
 *          msgtyp  9: [9:END], sent last and taken first
 *          msgtyp -2:  2:#1  3:#2 [1:#3]  2:#4  3:#5  1:#6
 *          msgtyp -2:  2:#1  3:#2  2:#4  3:#5 [1:#6]
 *          msgtyp -2: [2:#1]  3:#2  2:#4  3:#5
 *          msgtyp  3: [3:#2]  2:#4  3:#5
 *          msgtyp ^2:  2:#4 [3:#5]
 *          msgtyp  0: [2:#4]
 *          msgtyp  5: nothing, No message of desired type
 *
 * Read:    sysvipc(7), msgrcv(2), msgctl(2)
 */
#define _GNU_SOURCE // MSG_EXCEPT
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../common/program.h"
#include "types_picture.h"

static int queue = -1;

// Wait for a message of type 9, whatever else is there.
static void receive_end(struct reading_msg *msg)
{
    struct reading end = {0};
    int flags = MSG_NOERROR;

    while (end.kind != READING_END) {
        ssize_t n = msgrcv(queue, msg, READING_MSG_SIZE, END_TYPE, flags);
        if (n == -1 && errno == EINTR && sender_has_ended(queue))
            flags |= IPC_NOWAIT;
        else if (n == -1 && errno != EINTR)
            err(1, flags & IPC_NOWAIT ? "the sender has ended" : "msgrcv");
        else if (n >= 0 && !reading_decode(&end, &msg->wire, (size_t)n))
            printf("skipped %zd bytes: not a reading\n", n);
    }
    set_alarm(0);
}

// "-2" is msgtyp -2; "^2" is msgtyp 2 with MSG_EXCEPT.
static bool parse_choice(const char *text, long *msgtyp, int *flag)
{
    *flag = text[0] == '^' ? MSG_EXCEPT : 0;
    return parse_long(text + (*flag ? 1 : 0), -END_TYPE, END_TYPE, msgtyp);
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] = "types_recv FILE MSGTYP..., as 0, 3, -2, ^2";
    long msgtyp;
    int except;
    if (argc < 3)
        return usage(argc, argv, synopsis);
    for (int i = 2; i < argc; i++)
        if (!parse_choice(argv[i], &msgtyp, &except))
            return usage(argc, argv, synopsis);

    queue = queue_make(argv[1]);
    program_ready("ready on %s\n", argv[1]);

    struct reading_msg msg;
    set_alarm(1);
    receive_end(&msg);
    printf("msgtyp  %d: [%s], sent last and taken first\n", END_TYPE,
           label(&msg, sizeof msg.wire).text);

    for (int i = 2; i < argc; i++) {
        struct label before[SHOWN_MAX];
        int count = peek(queue, before);

        parse_choice(argv[i], &msgtyp, &except);
        printf("msgtyp %2s:", argv[i]);
        // IPC_NOWAIT: after END nothing more will come.
        ssize_t n = msgrcv(queue, &msg, READING_MSG_SIZE, msgtyp,
                           except | MSG_NOERROR | IPC_NOWAIT);
        if (n == -1 && errno != ENOMSG)
            err(1, "msgrcv");
        if (n == -1)
            printf(" nothing, %s\n", strerror(errno));
        else
            draw(before, count, label(&msg, (size_t)n));
    }

    if (msgctl(queue, IPC_RMID, NULL) == -1) // with what was not taken
        err(1, "msgctl");
    return 0;
}
