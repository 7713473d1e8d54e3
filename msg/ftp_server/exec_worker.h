/*
 * msg/ftp_server/exec_worker.h -- the child: become the client's user, exec.
 */
#ifndef MSG_FTP_SERVER_EXEC_WORKER_H
#define MSG_FTP_SERVER_EXEC_WORKER_H

#include <sys/types.h>

struct worker_task {
    pid_t server;
    int queue; // the client's
    uid_t uid; // the client
    gid_t gid; // if that user has no entry in passwd(5)
    long timeout_s;
    int output; // a pipe: what the worker prints is logged
};

// Does not return; says what failed on that output.
_Noreturn void exec_worker(const struct worker_task *task);

#endif
