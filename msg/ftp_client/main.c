/*
 * msg/ftp_client/main.c -- get a file from a server over message queues.
 *
 * Shows:   A request that proves who asks: it lies in a queue that only its
 *          user can write to. And a program that leaves nothing behind, not
 *          even when it is killed: a child cleans up.
 *
 * Run:     start msg/ftp_server first; its main.c has both commands
 *
 * Prints:  <cksum> <bytes> copy
 *
 * Read:    ftok(3), msgget(2), msgsnd(2), msgrcv(2), socketpair(2), fork(2),
 *          setsid(2), waitpid(2)
 */
#define _GNU_SOURCE // O_PATH, O_TMPFILE
#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../../common/program.h"
#include "../../common/termination.h"
#include "transfer.h"
#include "watchdog.h"

static enum ftp_event carry_out(struct transfer *t, enum ftp_action action)
{
    switch (action) {
    case FTP_SEND_CALL:
        return transfer_call(t);
    case FTP_RECEIVE:
        return transfer_receive(t);
    case FTP_STORE:
        return transfer_store(t);
    case FTP_COMMIT:
        return transfer_commit(t);
    case FTP_SEND_DONE:
        return transfer_send_done(t);
    default:
        return FTP_PROTOCOL_ERROR; // an action for a worker
    }
}

// [KEYFILE] FROM TO; without KEYFILE the folder that we are in.
static bool parse_options(int argc, char *argv[], struct transfer *t,
                          const char **key_file, const char **to)
{
    const struct option options[] = {
        {"limit", required_argument, NULL, 'l'},
        {0},
    };
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option != 'l' || !parse_long(optarg, 1, 3600, &t->timeout_s))
            return false;
    int operands = argc - optind;
    if (operands < 2 || operands > 3)
        return false;
    *key_file = operands == 3 ? argv[optind++] : ".";
    t->from = argv[optind];
    *to = argv[optind + 1];
    return true;
}

int main(int argc, char *argv[])
{
    program_start();
    static struct transfer t = {.timeout_s = 10};
    const char *key_file, *to;
    if (!parse_options(argc, argv, &t, &key_file, &to))
        return usage(argc, argv,
                     "ftp_client [--limit SECONDS] [KEYFILE] FROM TO");

    // NOLINTNEXTLINE(clang-analyzer-core.*): parse_options has set from
    if (*t.from == '\0' || strlen(t.from) > sizeof t.msg->path.path)
        errx(1, "%s: %s", t.from,
             strerror(*t.from == '\0' ? ENOENT : ENAMETOOLONG));
    if (atomic_file_locate(&t.target, to, t.from) == -1)
        errx(1, "%s: %s", t.target.path,
             errno == ENOTSUP ? "Not a regular file" : strerror(errno));
    key_t key = ftok(key_file, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", key_file);
    t.server = msgget(key, 0);
    if (t.server == -1)
        err(1, "msgget %s: is the server running?", key_file);

    block_termination();
    t.queue = watchdog_start(&t.target);
    if (t.queue == -1)
        return 1;
    on_termination(watchdog_clean_up);
    set_alarm(1);
    progress_start(&t.progress, t.from);
    cksum_start(&t.sum);

    struct ftp_step step = {FTP_CLIENT_CALLING, FTP_SEND_CALL};
    while (step.action != FTP_END) {
        enum ftp_event event = carry_out(&t, step.action);
        step = ftp_client_step(step.state, event);
        if (step.state == FTP_CLIENT_FAILED)
            transfer_explain(&t, event);
    }

    progress_end(&t.progress);
    watchdog_clean_up();
    if (step.state == FTP_CLIENT_FAILED)
        return 1;
    printf("%" PRIu32 " %" PRIu64 " %s\n", cksum_end(&t.sum), t.received,
           t.target.path);
    return 0;
}
