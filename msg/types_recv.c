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
 * Read:    sysvipc(7), ftok(3), msgget(2), msgrcv(2), msgctl(2)
 */
#define _GNU_SOURCE // MSG_EXCEPT, MSG_COPY
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../common/compat.h"
#include "../common/ending.h"
#include "../common/program.h"
#include "../common/reading.h"

#define END_TYPE 9 // as in types_send.c
#define SHOWN_MAX 64

static int queue = -1;

static void remove_queue(int number)
{
    msgctl(queue, IPC_RMID, NULL);
    end_by(number);
}

// A message as it stands in the picture: "1:#3".
struct label {
    char text[32];
};

static struct label label(const struct reading_msg *msg, size_t size)
{
    struct label l;
    struct reading r;

    if (!reading_decode(&r, &msg->wire, size))
        snprintf(l.text, sizeof l.text, "%ld:?", msg->mtype);
    else if (r.kind == READING_END)
        snprintf(l.text, sizeof l.text, "%ld:END", msg->mtype);
    else
        snprintf(l.text, sizeof l.text, "%ld:#%" PRIu32, msg->mtype, r.seq);
    return l;
}

// Look at what is in the queue, and leave it there. Returns how many: none if
// the kernel was built without MSG_COPY (CONFIG_CHECKPOINT_RESTORE).
static int look(struct label labels[SHOWN_MAX])
{
    int count = 0;

    while (count < SHOWN_MAX) {
        struct reading_msg msg = {0};

        // With MSG_COPY the fourth argument is a place, not a type.
        ssize_t n =
            msgrcv(queue, &msg, sizeof msg.wire, count, MSG_COPY | IPC_NOWAIT);
        if (n == -1 && errno != E2BIG) // ENOMSG: nothing is at that place
            break;
        labels[count++] = label(&msg, n == -1 ? 0 : (size_t)n);
    }
    return count;
}

static void draw(const struct label before[], int count, struct label taken)
{
    bool found = false;

    for (int i = 0; i < count; i++) {
        bool here = !found && strcmp(before[i].text, taken.text) == 0;
        printf(here ? " [%s]" : "  %s", before[i].text);
        found = found || here;
    }
    printf(found ? "\n" : " [%s]\n", taken.text); // not seen: too long a one
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

    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    before_ending(remove_queue);
    queue = msgget(key, IPC_CREAT | 0600);
    if (queue == -1)
        err(1, "msgget %s", argv[1]);
    printf("ready on %s\n", argv[1]);

    struct reading_msg msg;
    size_t size = sizeof msg.wire + sizeof msg.longer;
    struct reading end = {0};
    while (end.kind != READING_END) {
        // Waits for a message of this type, whatever else is there.
        ssize_t n = msgrcv(queue, &msg, size, END_TYPE, MSG_NOERROR);
        if (n == -1)
            err(1, "msgrcv");
        if (!reading_decode(&end, &msg.wire, (size_t)n))
            printf("skipped %zd bytes: not a reading\n", n);
    }
    printf("msgtyp  %d: [%s], sent last and taken first\n", END_TYPE,
           label(&msg, sizeof msg.wire).text);

    for (int i = 2; i < argc; i++) {
        struct label before[SHOWN_MAX];
        int count = look(before);

        parse_choice(argv[i], &msgtyp, &except);
        printf("msgtyp %2s:", argv[i]);
        // IPC_NOWAIT: after END nothing more will come.
        ssize_t n = msgrcv(queue, &msg, size, msgtyp,
                           except | MSG_NOERROR | IPC_NOWAIT);
        if (n == -1 && errno != ENOMSG)
            err(1, "msgrcv");
        if (n == -1)
            printf(" nothing, %s\n", strerror(errno));
        else
            draw(before, count, label(&msg, (size_t)n));
    }

    // With what nobody took.
    if (msgctl(queue, IPC_RMID, NULL) == -1)
        err(1, "msgctl");
    return 0;
}
