/*
 * msg/duplex_server.c -- answer questions in the queue that they came through.
 *
 * Shows:   A queue has no direction: what keeps questions and answers apart is
 *          their type. With --same-type, at both ends, answers too go to type
 *          1, and whoever asks for that type first has them: here, the server.
 *
 * Run:     terminal 1 $ build/msg/duplex_server README.md
 *          terminal 2 $ build/msg/duplex_client README.md 3
 *
 * Prints:  ready on README.md
 *          process <pid> asks for #1
 *          process <pid> asks for #2
 *          process <pid> asks for #3
 *          process <pid> says thank you
 *
 * Read:    sysvipc(7), ftok(3), msgget(2), msgrcv(2), msgsnd(2), msgctl(2)
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../common/ending.h"
#include "../common/program.h"
#include "../common/reading.h"
#include "duplex.h"

static int queue = -1;

static void remove_queue(int number)
{
    msgctl(queue, IPC_RMID, NULL);
    end_by(number);
}

int main(int argc, char *argv[])
{
    program_start();
    int same_type = 0;
    const struct option flags[] = {{"same-type", no_argument, &same_type, 1},
                                   {0}};
    long clients = 1;
    if (!parse_flags(argc, argv, flags) || argc - optind < 1 ||
        argc - optind > 2 ||
        (argc - optind == 2 &&
         !parse_long(argv[optind + 1], 1, 1000, &clients)))
        return usage(argc, argv, "duplex_server [--same-type] FILE [CLIENTS]");
    const char *file = argv[optind];

    key_t key = ftok(file, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", file);
    before_ending(remove_queue);
    queue = msgget(key, IPC_CREAT | 0600);
    if (queue == -1)
        err(1, "msgget %s", file);
    printf("ready on %s\n", file);

    while (clients > 0) {
        struct question_msg msg;
        struct question *asked = &msg.question;
        ssize_t n = msgrcv(queue, &msg, sizeof msg.question + sizeof msg.longer,
                           QUESTION_TYPE, MSG_NOERROR);
        if (n == -1)
            err(1, "msgrcv");
        if (n != sizeof msg.question || asked->client <= QUESTION_TYPE) {
            printf("skipped %zd bytes: not a question\n", n);
            continue;
        }
        if (asked->seq == 0) {
            printf("process %d says thank you\n", asked->client);
            clients--;
            continue;
        }
        printf("process %d asks for #%" PRIu32 "\n", asked->client, asked->seq);

        struct reading r = reading_sample(asked->seq);
        struct reading_msg answer = {
            .mtype = same_type ? QUESTION_TYPE : asked->client,
            .wire = reading_encode(&r),
        };
        // A server must not wait for room: if the queue is full of questions,
        // it is we who have to make some.
        if (msgsnd(queue, &answer, sizeof answer.wire, IPC_NOWAIT) == -1) {
            if (errno != EAGAIN)
                err(1, "msgsnd");
            printf("no room to answer process %d\n", asked->client);
        }
    }

    if (msgctl(queue, IPC_RMID, NULL) == -1)
        err(1, "msgctl");
    return 0;
}
