/*
 * msg/ftp_worker/main.c -- send one file into a client's queue, and end.
 *
 * Shows:   All that a program has left when another one starts it well: no
 *          input, a pipe to report to, a folder to work in, a user to be and
 *          four numbers. It cannot do more than that user may.
 *
 * Run:     msg/ftp_server starts it, once for each file
 *
 * Read:    msgrcv(2), msgsnd(2), msgctl(2), PR_SET_PDEATHSIG in prctl(2)
 */
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../../common/program.h"
#include "../../common/termination.h"
#include "transfer.h"

static struct transfer transfer; // here, for the signal handler

// When it is told to end: tell the client, by removing its queue.
static void remove_queue(void)
{
    if (transfer.has_request)
        msgctl(transfer.queue, IPC_RMID, NULL);
}

// End if the server is killed, or has been. Until this, the one that started us
// sees us end, and tells the client itself.
static void end_with(pid_t server)
{
    on_termination(remove_queue);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != server)
        raise(SIGTERM);
}

static enum ftp_event carry_out(struct transfer *t, enum ftp_action action)
{
    switch (action) {
    case FTP_RECEIVE_PATH: {
        const enum ftp_event event = transfer_receive_path(t);
        end_with((pid_t)t->parent); // now that we know whose queue it is
        return event;
    }
    case FTP_OPEN:
        return transfer_open(t);
    case FTP_READ:
        return transfer_read(t);
    case FTP_SEND_DATA:
        return transfer_send_data(t);
    case FTP_SEND_EOT:
        return transfer_send_eot(t);
    case FTP_SEND_ERROR:
        return transfer_send_error(t);
    case FTP_WAIT_CONFIRM:
        return transfer_wait_confirm(t);
    default:
        return FTP_LOCAL_ERROR; // an action for a client
    }
}

// Put into words what became of it, if that is not done yet. True if the client
// has the file.
static bool describe_outcome(struct transfer *t, enum ftp_event event)
{
    if (t->outcome[0] != '\0')
        return false;
    if (event == FTP_DONE_RECEIVED)
        snprintf(t->outcome, sizeof t->outcome,
                 "sent, %" PRIu64 " bytes, cksum %" PRIu32, t->sent,
                 cksum_end(&t->sum));
    else if (event == FTP_TIMEOUT)
        snprintf(t->outcome, sizeof t->outcome,
                 "the client took nothing for %ld s, after %" PRIu64 " bytes",
                 t->timeout_s, t->sent);
    else
        snprintf(t->outcome, sizeof t->outcome,
                 "the client gave up, after %" PRIu64 " bytes", t->sent);
    return event == FTP_DONE_RECEIVED;
}

int main(int argc, char *argv[])
{
    program_start();
    struct transfer *t = &transfer;
    long queue;
    if (argc != 5 || !parse_long(argv[1], 1, INT_MAX, &t->parent) ||
        !parse_long(argv[2], 0, INT_MAX, &t->server) ||
        !parse_long(argv[3], 0, INT_MAX, &queue) ||
        !parse_long(argv[4], 1, 3600, &t->timeout_s))
        return usage(argc, argv,
                     "ftp_worker SERVER SERVER_QUEUE QUEUE SECONDS");

    t->queue = (int)queue;
    set_alarm(1);

    struct ftp_step step = {FTP_WORKER_STARTING, FTP_RECEIVE_PATH};
    enum ftp_event event = FTP_OK;
    while (step.action != FTP_END && step.action != FTP_REMOVE_QUEUE) {
        event = carry_out(t, step.action);
        step = ftp_worker_step(step.state, event);
    }
    if (step.action == FTP_REMOVE_QUEUE) // the client's; that wakes it
        msgctl(t->queue, IPC_RMID, NULL);
    t->has_request = 0; // nothing is left to be removed

    bool ok = describe_outcome(t, event);
    printf("%.255s%s%s\n", t->path, t->path[0] == '\0' ? "" : ": ", t->outcome);
    return ok ? 0 : 1;
}
