/*
 * msg/ftp_server/signals.c -- signals while the server waits in msgrcv.
 *
 * One may come when msgrcv is just about to block, and would only interrupt it
 * if it came a moment later. So a handler sends a message: either it
 * interrupts, or there is something to receive. If the queue is full, there is
 * as well.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <unistd.h>

#include "server_queue.h"
#include "signals.h"
#include "workers.h"

volatile sig_atomic_t signals_end;
volatile sig_atomic_t signals_reopen;

static const int handled[] = {SIGTERM, SIGINT,  SIGHUP,
                              SIGPIPE, SIGCHLD, SIGALRM};

static void wake(int number)
{
    int error = errno;

    if (number == SIGHUP)
        signals_reopen = 1;
    server_queue_wake();
    errno = error;
}

// Without a message: a queue that is not there cannot be waited for.
static void end(int number)
{
    int error = errno;

    signals_end = number;
    workers_kill(SIGTERM);
    alarm(2);
    msgctl(server_queue, IPC_RMID, NULL);
    errno = error;
}

static void kill_late_workers(int number)
{
    (void)number;
    workers_kill(SIGKILL);
    alarm(1);
}

void signals_handle(bool is_daemon)
{
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++) {
        int number = handled[i];
        bool wakes = number == SIGCHLD || (number == SIGHUP && is_daemon);
        // SA_RESTART is for waitpid. msgrcv is interrupted all the same.
        struct sigaction action = {.sa_flags = SA_RESTART}, old;

        action.sa_handler = wakes               ? wake
                            : number == SIGALRM ? kill_late_workers
                                                : end;
        sigfillset(&action.sa_mask);
        sigaction(number, &action, &old);
        if (old.sa_handler == SIG_IGN && !wakes) // see nohup(1)
            signal(number, SIG_IGN);
    }
}

void signals_default(void)
{
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
        signal(handled[i], SIG_DFL);
}
