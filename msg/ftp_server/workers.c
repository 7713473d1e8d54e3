/*
 * msg/ftp_server/workers.c -- the workers: one process for each request.
 */
#define _GNU_SOURCE // pipe2
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "../../common/printable.h"
#include "client_queue.h"
#include "exec_worker.h"
#include "signals.h"
#include "workers.h"

#define WORKERS_MAX 64 // at once; further calls wait in the queue

struct worker {
    volatile pid_t pid; // 0: none
    int report;         // its standard output and error
    int queue;          // its client's
    uid_t uid;
    time_t since; // when that queue was made: another one may get its id
};

long workers_timeout_s = 10;
bool workers_failed;
static struct worker workers[WORKERS_MAX];
static int count;

int workers_count(void)
{
    return count;
}

bool workers_full(void)
{
    return count == WORKERS_MAX;
}

void workers_kill(int number)
{
    for (int i = 0; i < WORKERS_MAX; i++)
        if (workers[i].pid > 0)
            kill(workers[i].pid, number);
}

// The entry of that process; with 0, a free one. NULL: there is none.
static struct worker *find_worker(pid_t pid)
{
    for (int i = 0; i < WORKERS_MAX; i++)
        if (workers[i].pid == pid)
            return &workers[i];
    return NULL;
}

// A worker that could not start, or was killed, has not told its client.
static void tell_client(const struct worker *w, bool was_killed)
{
    struct msqid_ds about;

    if (client_queue_stat(w->queue, &about) == -1 ||
        about.msg_perm.cuid != w->uid || about.msg_ctime != w->since)
        return;
    if (was_killed) // in the middle of the file
        msgctl(w->queue, IPC_RMID, NULL);
    else
        client_queue_send_error(w->queue, "The server cannot start a worker");
}

// No signal between fork and the entry; and none in the child while it still
// has our handlers. Returns what fork does.
static pid_t fork_worker(struct worker *w, const struct worker_task *task)
{
    sigset_t all, before;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        signals_default();
        sigprocmask(SIG_SETMASK, &before, NULL);
        exec_worker(task);
    }
    if (pid > 0) {
        w->pid = pid;
        count++;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

void workers_start(int queue, const struct msqid_ds *about)
{
    int ends[2];
    struct worker *w = find_worker(0);

    w->queue = queue;
    w->uid = about->msg_perm.cuid;
    w->since = about->msg_ctime;
    // Not blocking: a worker must not wait for us, nor we for it.
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1) {
        syslog(LOG_ERR, "pipe: %s", strerror(errno));
        workers_failed = true;
        tell_client(w, false);
        return;
    }
    w->report = ends[0];
    const struct worker_task task = {
        .server = getpid(),
        .queue = queue,
        .uid = about->msg_perm.cuid,
        .gid = about->msg_perm.cgid,
        .timeout_s = workers_timeout_s,
        .output = ends[1],
    };
    if (fork_worker(w, &task) == -1) {
        syslog(LOG_ERR, "fork: %s", strerror(errno));
        close(ends[0]);
        workers_failed = true;
        tell_client(w, false);
    }
    close(ends[1]);
}

bool workers_reap(int options)
{
    char text[512] = "";
    int status;

    pid_t pid = waitpid(-1, &status, options);
    if (pid <= 0)
        return false;
    struct worker *w = find_worker(pid);
    if (!w)
        return true; // a child of the program that we were before an exec

    w->pid = 0;
    count--;
    workers_failed = workers_failed || status != 0;
    ssize_t n;
    do
        n = read(w->report, text, sizeof text - 1);
    while (n == -1 && errno == EINTR);
    if (n == -1) {
        snprintf(text, sizeof text, "read: %s", strerror(errno));
        workers_failed = true;
    }
    close(w->report);
    if (n > 0 && text[n - 1] == '\n')
        text[n - 1] = '\0';
    printable(text); // there is a path in it: no line break may become a line

    if (WIFSIGNALED(status))
        syslog(LOG_WARNING,
               "queue %d, uid %d: the worker was ended by signal %d", w->queue,
               (int)w->uid, WTERMSIG(status));
    else
        syslog(status == 0 ? LOG_INFO : LOG_NOTICE, "queue %d, uid %d: %s",
               w->queue, (int)w->uid, text);
    if (status != 0)
        tell_client(w, WIFSIGNALED(status));
    return true;
}
