/*
 * msg/ftp_client.c -- get a file from a server over message queues.
 *
 * Shows:   A request that proves who asks: it lies in a queue that only its
 *          user can write to. And a program that leaves nothing behind, not
 *          even when it is killed: somebody else tidies up.
 *
 * Run:     start msg/ftp_server.c first; its header has both commands
 *
 * Prints:  <cksum> <bytes> copy
 *
 * Read:    msgget(2), msgsnd(2), msgrcv(2), socketpair(2), setsid(2), open(2)
 */
#define _GNU_SOURCE // O_PATH, O_TMPFILE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/atomic_file.h"
#include "../common/cksum.h"
#include "../common/ending.h"
#include "../common/printable.h"
#include "../common/program.h"
#include "../common/progress.h"
#include "../common/stream.h"
#include "ftp/ftp_queue.h"

struct transfer {
    const char *from;
    long limit; // in seconds
    int server; // its queue
    struct progress progress;
    uint64_t received;
    struct cksum sum;
    struct ftp_message m; // the last that came
    struct ftp_msg msg;   // and its bytes
};

static int queue = -1; // ours
static struct atomic_file target;
static pid_t guardian;
static int lifeline; // the guardian tidies up when this is closed

// The queue is made by a child that does nothing else, and removes it when we
// have ended, however that came: then our end of the socket pair is closed.
static void start_guardian(void)
{
    int ends[2];
    char byte;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1)
        err(1, "socketpair");
    guardian = fork();
    if (guardian == -1)
        err(1, "fork");
    if (guardian == 0) {
        close(ends[0]);
        setsid(); // ^C and what else is sent to the whole group is not for it
        signal(SIGPIPE, SIG_IGN); // our parent may be gone before it is told
        queue = msgget(IPC_PRIVATE, 0600);
        if (queue == -1)
            warn("msgget");
        else if (write_full(ends[1], &queue, sizeof queue) != -1)
            while (read(ends[1], &byte, 1) == -1 && errno == EINTR)
                ;
        msgctl(queue, IPC_RMID, NULL);
        atomic_file_discard(&target);
        _exit(0);
    }
    close(ends[1]);
    lifeline = ends[0];
    if (read_full(lifeline, &queue, sizeof queue) != sizeof queue)
        exit(1); // the guardian has said why
}

static void tidy_up(void)
{
    int outcome = 0;

    close(lifeline);
    while (waitpid(guardian, &outcome, 0) == -1 && errno == EINTR)
        ;
    if (outcome != 0) { // it was killed itself
        msgctl(queue, IPC_RMID, NULL);
        atomic_file_discard(&target);
    }
}

static void tidy_up_and_end(int number)
{
    tidy_up();
    end_by(number);
}

// -- what there is to do ------------------------------------------------------

static enum ftp_event trouble(struct transfer *t, const char *what,
                              const char *why)
{
    progress_end(&t->progress);
    warnx("%s: %s", what, why);
    return ON_TROUBLE;
}

// PATH first: whoever comes to the queue because of CALL finds it there.
static enum ftp_event call(struct transfer *t)
{
    struct ftp_message path = {
        .kind = FTP_PATH,
        .queue = (uint32_t)t->server,
        .bytes = t->from,
        .count = strlen(t->from),
    };
    struct ftp_message ring = {.kind = FTP_CALL, .queue = (uint32_t)queue};

    if (ftp_send(queue, &t->msg, &path, t->limit) != ON_DID)
        return trouble(t, "msgsnd", strerror(errno));
    enum ftp_event event = ftp_send(t->server, &t->msg, &ring, t->limit);
    return event == ON_TROUBLE ? trouble(t, "the server", strerror(errno))
                               : event;
}

// The next answer. Our own PATH and DONE are in the queue as well; but their
// types are above those of the answers.
static enum ftp_event receive(struct transfer *t)
{
    enum ftp_event event =
        ftp_receive(queue, &t->msg, &t->m, -FTP_ERROR, t->limit);

    if (event == ON_TROUBLE)
        return trouble(t, "msgrcv", strerror(errno));
    if ((event == ON_DATA || event == ON_EOT) && t->m.offset != t->received)
        return ON_NONSENSE;
    if (event == ON_EOT && t->m.cksum != cksum_end(&t->sum))
        return trouble(t, t->from, "arrived damaged");
    return event;
}

static enum ftp_event store(struct transfer *t)
{
    if (target.file == -1 && atomic_file_create(&target) == -1)
        return trouble(t, target.path, strerror(errno));
    if (write_full(target.file, t->m.bytes, t->m.count) == -1)
        return trouble(t, target.path, strerror(errno));
    cksum_add(&t->sum, t->m.bytes, t->m.count);
    t->received += t->m.count;
    progress_show(&t->progress, t->received, t->m.total);
    return ON_DID;
}

static enum ftp_event finish(struct transfer *t)
{
    if (target.file == -1 && atomic_file_create(&target) == -1)
        return trouble(t, target.path, strerror(errno));
    if (atomic_file_commit(&target) == -1)
        return trouble(t, target.path, strerror(errno));
    return ON_DID;
}

static enum ftp_event carry_out(struct transfer *t, enum ftp_action action)
{
    const struct ftp_message done = {.kind = FTP_DONE};

    switch (action) {
    case DO_CALL:
        return call(t);
    case DO_RECEIVE:
        return receive(t);
    case DO_STORE:
        return store(t);
    case DO_FINISH:
        return finish(t);
    case DO_CONFIRM:
        return ftp_send(queue, &t->msg, &done, t->limit);
    default:
        return trouble(t, "ftp_machine.h", "an action for a worker");
    }
}

// Say why there is no file; where it is our trouble, that has been said.
static void explain(struct transfer *t, enum ftp_event event)
{
    char reason[256];

    progress_end(&t->progress);
    switch (event) {
    case ON_ERROR:
        snprintf(reason, sizeof reason, "%.*s", (int)t->m.count,
                 (const char *)t->m.bytes);
        warnx("%s: %s", t->from, printable(reason));
        break;
    case ON_GONE:
        warnx("%s: the server gave up, after %" PRIu64 " bytes", t->from,
              t->received);
        break;
    case ON_SILENCE:
        warnx("%s: nothing from the server for %ld s, after %" PRIu64 " bytes",
              t->from, t->limit, t->received);
        break;
    case ON_TROUBLE:
        break;
    default:
        warnx("%s: the server talks nonsense", t->from);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] =
        "ftp_client [--limit SECONDS] KEYFILE FROM TO";
    const struct option options[] = {
        {"limit", required_argument, NULL, 'l'},
        {0},
    };
    struct transfer t = {.limit = 10};
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option != 'l' || !parse_long(optarg, 1, 3600, &t.limit))
            return usage(argc, argv, synopsis);
    if (argc - optind != 3)
        return usage(argc, argv, synopsis);
    cksum_start(&t.sum);
    const char *key_file = argv[optind];
    t.from = argv[optind + 1];

    if (*t.from == '\0' || strlen(t.from) > sizeof t.msg.path.path)
        errx(1, "%s: %s", t.from,
             strerror(*t.from == '\0' ? ENOENT : ENAMETOOLONG));
    if (atomic_file_locate(&target, argv[optind + 2], t.from) == -1)
        errx(1, "%s: %s", target.path,
             errno == ENOTSUP ? "Not a regular file" : strerror(errno));
    key_t key = ftok(key_file, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", key_file);
    t.server = msgget(key, 0);
    if (t.server == -1)
        err(1, "msgget %s: is the server running?", key_file);

    start_guardian();
    before_ending(tidy_up_and_end);
    start_alarm_ticks(1);
    progress_start(&t.progress, t.from);

    struct ftp_step step = {CLIENT_CALLING, DO_CALL};
    while (step.action != DO_END) {
        enum ftp_event event = carry_out(&t, step.action);
        step = ftp_client_step(step.state, event);
        if (step.state == CLIENT_FAILED)
            explain(&t, event);
    }

    progress_end(&t.progress);
    tidy_up();
    if (step.state == CLIENT_FAILED)
        return 1;
    printf("%" PRIu32 " %" PRIu64 " %s\n", cksum_end(&t.sum), t.received,
           target.path);
    return 0;
}
