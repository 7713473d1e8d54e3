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
 * Read:    sysvipc(7), ftok(3), msgget(2), msgrcv(2), msgsnd(2), kill(2),
 *          msgctl(2)
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../common/program.h"
#include "../common/termination.h"
#include "duplex.h"

#define CLIENTS_MAX 1000

static int queue = -1;
static long left = 1;              // clients that have not said thank you
static pid_t clients[CLIENTS_MAX]; // those of them that have asked
static int known;

static void remove_queue(void)
{
    msgctl(queue, IPC_RMID, NULL);
}

static void add_client(pid_t client)
{
    for (int i = 0; i < known; i++)
        if (clients[i] == client)
            return;
    if (known < CLIENTS_MAX)
        clients[known++] = client;
}

static void remove_client(pid_t client, const char *how)
{
    printf("process %d %s\n", client, how);
    left--;
    for (int i = 0; i < known; i++)
        if (clients[i] == client)
            clients[i] = clients[--known];
}

// A client that was killed could not say thank you.
static void remove_ended_clients(void)
{
    for (int i = known - 1; i >= 0; i--)
        if (kill(clients[i], 0) == -1 && errno == ESRCH)
            remove_client(clients[i], "has ended");
}

static void answer(const struct question *asked, long type)
{
    struct reading r = reading_sample(asked->seq);
    struct reading_msg msg = {.mtype = type, .wire = reading_encode(&r)};

    printf("process %d asks for #%" PRIu32 "\n", asked->client, asked->seq);
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
    bool ok = parse_flags(argc, argv, flags);
    int operands = argc - optind;
    if (!ok || operands < 1 || operands > 2 ||
        (operands == 2 && !parse_long(argv[optind + 1], 1, CLIENTS_MAX, &left)))
        return usage(argc, argv, "duplex_server [--same-type] FILE [CLIENTS]");
    const char *file = argv[optind];

    key_t key = ftok(file, IPC_PROJECT);
    block_termination();
    queue = key == -1 ? -1 : msgget(key, IPC_CREAT | 0600);
    if (queue == -1 || !queue_is_own(queue))
        errx(1, "%s: %s", file, ipc_strerror(errno));
    on_termination(remove_queue);
    program_ready("ready on %s\n", file);

    set_alarm(1);
    while (left > 0) {
        struct question_msg msg;
        const struct question *asked = &msg.question;

        ssize_t n =
            msgrcv(queue, &msg, QUESTION_MSG_SIZE, QUESTION_TYPE, MSG_NOERROR);
        if (n == -1 && errno != EINTR)
            err(1, "msgrcv");
        if (n == -1) {
            remove_ended_clients();
        } else if (n != sizeof *asked || asked->client <= QUESTION_TYPE) {
            printf("skipped %zd bytes: not a question\n", n);
        } else if (asked->seq == 0) {
            remove_client(asked->client, "says thank you");
        } else {
            add_client(asked->client);
            answer(asked, same_type ? QUESTION_TYPE : asked->client);
        }
    }

    if (msgctl(queue, IPC_RMID, NULL) == -1)
        err(1, "msgctl");
    return 0;
}
