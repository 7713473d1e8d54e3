/*
 * tcp/httpd/worker.c -- a process that serves connections.
 *
 * Shows:   Many processes wait for the same listening socket. With poll(2) each
 *          connection would wake them all, and all but one for nothing:
 *          EPOLLEXCLUSIVE wakes one.
 *
 * Read:    accept(2), epoll(7), prctl(2), signal(7)
 */
#define _GNU_SOURCE // accept4
#include "worker.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"
#include "listen.h"
#include "log.h"
#include "serve.h"

static volatile sig_atomic_t ended_by;

static struct connection connection;        // a process has one at a time
static volatile sig_atomic_t listener = -1; // of a worker of the pool

// With the listener closed the kernel refuses new clients at once, also where
// the master was killed and what is being answered takes a while.
static void finish(int number)
{
    int saved = errno;

    ended_by = number;
    if (listener != -1)
        close(listener);
    listener = -1;
    connection_end_all();
    errno = saved;
}

static void reopen_log(int number)
{
    int saved = errno;

    (void)number;
    log_reopen();
    errno = saved;
}

// SIGUSR1: the master needs the slot.
static void hang_up(int number)
{
    int saved = errno;

    (void)number;
    connection_hang_up();
    errno = saved;
}

void worker_handlers(void)
{
    struct sigaction on_end = {.sa_handler = finish};
    struct sigaction on_hang_up = {.sa_handler = hang_up};
    struct sigaction on_reopen = {.sa_handler = reopen_log};

    sigaction(SIGTERM, &on_end, NULL);
    sigaction(SIGINT, &on_end, NULL);
    sigaction(SIGHUP, &on_reopen, NULL);
    sigaction(SIGUSR1, &on_hang_up, NULL);
    signal(SIGCHLD,
           SIG_DFL); // ignored, waitid could not tell a script's status
}

static void unblock_signals(void)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

void worker_begin(struct slot *slot, pid_t master)
{
    my_slot = slot;
    unblock_signals();
    // SIGTERM when the master is killed; it may have been already.
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != master)
        _exit(0);
}

// Wait for a connection, or for the signal that asks to end. It is blocked from
// the look until the wait, or it could come between the two and be lost.
static void wait_for_client(int set)
{
    struct epoll_event happened;
    sigset_t ending, before;

    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    sigprocmask(SIG_BLOCK, &ending, &before);
    if (!ended_by)
        epoll_pwait(set, &happened, 1, -1, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

void worker_serve_all(const struct server *server, pid_t master)
{
    struct epoll_event wanted = {.events = EPOLLIN | EPOLLEXCLUSIVE};
    int set = epoll_create1(EPOLL_CLOEXEC);

    if (set == -1 ||
        epoll_ctl(set, EPOLL_CTL_ADD, server->listener, &wanted) == -1)
        err(1, "epoll");
    listener = server->listener;
    while (!ended_by) {
        int s = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (s != -1) {
            slot_set_state(STATE_READING);
            if (!slots_any_idle())
                kill(master, SIGUSR1); // the master accepts the next one
            connection_begin(&connection, server, s, s);
            serve(&connection);
            slot_set_state(STATE_IDLE);
        } else if (errno == EAGAIN) {
            wait_for_client(set);
        } else if (errno == EINVAL) { // the master has shut the socket down
            break;
        } else if (is_shortage(errno)) {
            poll(NULL, 0, SHORTAGE_MS);
        }
    }
    _exit(0);
}

void worker_serve_one(const struct server *server, int s)
{
    close(server->listener);
    connection_begin(&connection, server, s, s);
    serve(&connection);
    _exit(0);
}

int worker_serve_inetd(const struct server *server)
{
    worker_handlers();
    signal(SIGHUP, SIG_DFL); // there is no master to send it
    unblock_signals();
    connection_begin(&connection, server, STDIN_FILENO, STDOUT_FILENO);
    serve(&connection);
    // A client that went away is no failure of ours; a full disk is.
    errno = connection.write_error;
    if (ended_by == 0 && errno != 0 && errno != EPIPE && errno != ECONNRESET)
        err(1, "write");
    return ended_by;
}
