/*
 * msg/duplex_client.c -- ask for readings, one question at a time.
 *
 * Shows:   The answer goes to a type that no other process waits for: our
 *          process id. With --same-type it goes where the questions go, and if
 *          we are late for it the server receives it itself.
 *
 * Run:     start msg/duplex_server.c first; its header has both commands
 *
 * Prints:  oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *
 * Read:    sysvipc(7), msgsnd(2), msgrcv(2), msgctl(2)
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <time.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/termination.h"
#include "duplex.h"

#define ANSWER_TIMEOUT_S 2

static int queue = -1;

static struct question_msg question(uint32_t seq)
{
    return (struct question_msg){
        .mtype = QUESTION_TYPE,
        .question = {.client = getpid(), .seq = seq},
    };
}

// However this ends: the server waits until it is told that this was all.
static void say_thank_you(void)
{
    struct question_msg thanks = question(0);

    msgsnd(queue, &thanks, sizeof thanks.question, IPC_NOWAIT);
}

// Do something else until the server has answered and received what it gets
// next: --same-type shall fail every time, not one time in a thousand.
static void be_late(void)
{
    struct msqid_ds about;
    bool late = false;

    for (int tries = 0; !late && tries < 1000; tries++) {
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        if (msgctl(queue, IPC_STAT, &about) == -1)
            err(1, "msgctl");
        late = about.msg_qnum == 0 && about.msg_lspid != getpid();
    }
}

int main(int argc, char *argv[])
{
    program_start();
    int same_type = 0;
    const struct option flags[] = {{"same-type", no_argument, &same_type, 1},
                                   {0}};
    long count;
    if (!parse_flags(argc, argv, flags) || argc - optind != 2 ||
        !parse_long(argv[optind + 1], 0, 1000000, &count))
        return usage(argc, argv, "duplex_client [--same-type] FILE COUNT");

    queue = queue_find(argv[optind]);
    on_termination(say_thank_you);

    long answer_type = same_type ? QUESTION_TYPE : getpid();
    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        struct question_msg ask = question(seq);
        set_alarm(ANSWER_TIMEOUT_S);
        if (msgsnd(queue, &ask, sizeof ask.question, 0) == -1)
            err(1, "msgsnd");
        if (same_type)
            be_late();

        // An earlier process with our process id may have left an answer.
        struct reading r = {0};
        while (r.seq != seq) {
            struct reading_msg answer;
            ssize_t n = msgrcv(queue, &answer, READING_MSG_SIZE, answer_type,
                               MSG_NOERROR);
            if (n == -1 && errno == EINTR)
                errx(1, "waited %d s for an answer of type %ld",
                     ANSWER_TIMEOUT_S, answer_type);
            if (n == -1)
                err(1, "msgrcv");
            if (!reading_decode(&r, &answer.wire, (size_t)n))
                printf("skipped %zd bytes: not a reading\n", n);
            else if (r.seq != seq)
                printf("skipped an answer to #%" PRIu32 "\n", r.seq);
        }
        reading_print(&r);
    }
    return 0;
}
