/*
 * msg/duplex_server.c -- answer questions in the queue that they came through.
 *
 * Shows:   A queue has no direction: what keeps questions and answers apart is
 *          their type. With --same-type, at both ends, answers too go to type
 *          1, and the first process that asks for that type has them: here, the
 *          server.
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
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../common/program.h"
#include "duplex.h"

static int queue = -1;

static void answer(const struct question *asked, long type)
{
    // Step 2: send the reading, and do not wait for room
    struct reading r = reading_sample(asked->seq);
    struct reading_msg msg = {.mtype = type, .wire = reading_encode(&r)};
    // A server must not wait for room: if the queue is full of questions, it is
    // the server that has to make some.
    if (msgsnd(queue, &msg, sizeof msg.wire, IPC_NOWAIT) == -1) {
        if (errno != EAGAIN)
            err(1, "msgsnd");
        printf("no room to answer process %d\n", asked->client);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    int same_type = 0;
    const struct option flags[] = {{"same-type", no_argument, &same_type, 1},
                                   {0}};
    long left = 1; // clients that have not said thank you
    if (!parse_flags(argc, argv, flags) ||
        (argc - optind != 1 &&
         (argc - optind != 2 ||
          !parse_long(argv[optind + 1], 1, CLIENTS_MAX, &left))))
        return usage(argc, argv, "duplex_server [--same-type] FILE [CLIENTS]");
    const char *file = argv[optind];

    // Step 1: make the queue, have it removed at the end, and say ready
    key_t key = ftok(file, IPC_PROJECT);
    block_termination();
    queue = key == -1 ? -1 : msgget(key, IPC_CREAT | 0600);
    if (queue == -1 || !queue_is_own(queue))
        errx(1, "%s: %s", file, ipc_strerror(errno));
    queue_remove_at_end(queue);
    program_ready("ready on %s\n", file);

    // Step 3: answer until all clients have said thank you, or have ended
    set_alarm(1);
    struct client_list clients = {0};
    while (left > 0) {
        struct question_msg msg;
        const struct question *asked = &msg.question;

        ssize_t n =
            msgrcv(queue, &msg, QUESTION_MSG_SIZE, QUESTION_TYPE, MSG_NOERROR);
        if (n == -1 && errno != EINTR)
            err(1, "msgrcv");
        if (n == -1) { // a tick: a client that was killed says no thank you
            left -= client_list_remove_ended(&clients);
        } else if (n != sizeof *asked || asked->client <= QUESTION_TYPE) {
            printf("skipped %zd bytes: not a question\n", n);
        } else if (asked->seq == 0) {
            printf("process %d says thank you\n", asked->client);
            client_list_remove(&clients, asked->client);
            left--;
        } else {
            printf("process %d asks for #%" PRIu32 "\n", asked->client,
                   asked->seq);
            client_list_add(&clients, asked->client);
            answer(asked, same_type ? QUESTION_TYPE : asked->client);
        }
    }

    // Step 4: remove the queue
    if (msgctl(queue, IPC_RMID, NULL) == -1)
        err(1, "msgctl");
    return 0;
}
