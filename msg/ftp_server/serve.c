/*
 * msg/ftp_server/serve.c -- receive calls, and have them answered.
 */
#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/wait.h>
#include <syslog.h>

#include "../ftp/ftp_message.h"
#include "client_queue.h"
#include "files.h"
#include "serve.h"
#include "server_queue.h"
#include "signals.h"
#include "workers.h"

// To which queue the client calls is all that is believed.
static void answer(const struct ftp_message *call)
{
    struct msqid_ds about;
    int client = (int)call->queue;

    if (client_queue_stat(client, &about) == -1) {
        syslog(LOG_NOTICE, "queue %u: refused: %s", call->queue,
               strerror(errno));
        workers_failed = true;
        return;
    }
    const char *reason = client_queue_refusal(&about.msg_perm);
    if (reason) {
        syslog(LOG_NOTICE, "queue %d, uid %d: refused: %s", client,
               (int)about.msg_perm.cuid, reason);
        workers_failed = true;
    } else {
        workers_start(client, &about);
    }
}

static void after_signals(void)
{
    while (workers_reap(WNOHANG))
        ;
    if (signals_reopen) {
        signals_reopen = 0;
        closelog(); // the next line of the log opens it again
        syslog(LOG_NOTICE, files_open() ? "reopened" : "still what it was");
    }
}

bool serve(long requests)
{
    long answered = 0;

    while (signals_end == 0 && (requests == 0 || answered < requests)) {
        struct ftp_msg msg;
        struct ftp_message call;

        ssize_t n = msgrcv(server_queue, &msg, FTP_SIZE_MAX, 0, MSG_NOERROR);
        int error = errno;
        if (signals_end != 0)
            return true;
        after_signals();
        if (n == -1 && error == EINTR)
            continue;
        if (n == -1) {
            syslog(LOG_ERR, "the server's queue: %s", strerror(error));
            return false;
        }
        if (msg.mtype == WAKE_TYPE && n == 0)
            continue;
        if (!ftp_decode(&call, &msg, (size_t)n) || call.kind != FTP_CALL) {
            syslog(LOG_NOTICE, "skipped %zd bytes: not a call", n);
            continue;
        }
        while (workers_full())
            workers_reap(0);
        answer(&call);
        answered++;
    }
    return true;
}
