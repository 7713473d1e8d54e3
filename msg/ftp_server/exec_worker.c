/*
 * msg/ftp_server/exec_worker.c -- the child: become the client's user, exec.
 */
#define _GNU_SOURCE // close_range
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../../common/compat.h"
#include "../../common/drop_privileges.h"
#include "exec_worker.h"
#include "files.h"
#include "server_queue.h"

_Noreturn void exec_worker(const struct worker_task *task)
{
    if (dup2(task->output, STDOUT_FILENO) == -1 ||
        dup2(task->output, STDERR_FILENO) == -1)
        _exit(1);
    // The folder while we may still enter it; whether that user may, the kernel
    // checks with every path. After this, nothing is opened but as that user.
    if (fchdir(files_root) == -1 || !drop_privileges(task->uid, task->gid)) {
        warn("cannot become user %d", (int)task->uid);
        _exit(1);
    }
    int dev_null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (dev_null == -1 || dup2(dev_null, STDIN_FILENO) == -1)
        _exit(1);

    setsid(); // no terminal: its ^C is for the server
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); // no set-user-ID program from here

    char parent[16], server[16], client[16], timeout[16];
    snprintf(parent, sizeof parent, "%d", (int)task->server);
    snprintf(server, sizeof server, "%d", server_queue);
    snprintf(client, sizeof client, "%d", task->queue);
    snprintf(timeout, sizeof timeout, "%ld", task->timeout_s);
    char *arguments[] = {"ftp_worker", parent, server, client, timeout, NULL};
    char *environment[] = {NULL};
    // All of ours are close-on-exec, but what we inherited may not be.
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    fexecve(files_worker, arguments, environment);
    warn("ftp_worker");
    _exit(1); // not exit: what it would remove is the server's
}
