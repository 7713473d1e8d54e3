/*
 * tcp/httpd/master.c -- the process that makes the workers.
 *
 * Shows:   A master serves no client itself. It forks a process for each
 *          connection; or it has forked some beforehand, which accept for
 *          themselves ("prefork"), and forks more only while all of them are
 *          busy: a hundred silent clients keep a hundred processes busy, and
 *          no other client out. When there are as many as there may be, the
 *          connection that has been idle longest is closed.
 *
 *          signalfd(2): signals are read from a descriptor, one event among
 *          others. No handler can interrupt the code anywhere.
 *
 * Read:    fork(2), accept(2), signalfd(2), poll(2), waitpid(2), prctl(2)
 */
#define _GNU_SOURCE // accept4
#include "master.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deadline.h"
#include "listen.h"
#include "log.h"
#include "orphans.h"
#include "serve.h"
#include "slots.h"
#include "worker.h"

#define LAST_MS 30000  // for requests that have begun, after SIGTERM
#define POOL_WAIT_MS 2 // with a pool that is busy, before the master accepts

static pid_t master;
static long pooled;          // workers that accept for themselves
static long long busy_since; // when the last idle one of them began to serve
static int ended_by;         // a signal

// Fork a process into a free slot. As fork(2), but 0 is returned in a worker.
static pid_t fork_into_slot(bool into_pool)
{
    struct slot *slot = slots_free_one();

    if (!slot) {
        errno = EAGAIN;
        return -1;
    }
    slot->pooled = into_pool;
    slot->script = 0;
    slot->state = into_pool ? STATE_IDLE : STATE_READING;
    slot->since = (unsigned)now_ms();
    pid_t child = fork();
    if (child == 0)
        worker_begin(slot, master);
    if (child > 0)
        slot->pid = child;
    return child;
}

// Fork until the pool is complete. False if fork failed.
static bool fill_pool(const struct server *server)
{
    for (; pooled < server->workers; pooled++) {
        pid_t child = fork_into_slot(true);
        if (child == -1)
            return false;
        if (child == 0)
            worker_serve_all(server, master);
    }
    return true;
}

// Wait for the children that have ended. False if one of them failed.
static bool reap(void)
{
    bool ok = true, orphans = false;
    int outcome;
    pid_t child;

    // Step 3: wait for all that have ended, and give their slots back
    while ((child = waitpid(-1, &outcome, WNOHANG)) > 0) {
        struct slot *slot = slots_of(child);
        if (!slot) {
            orphans = true;
            continue;
        }
        if (slot->script != 0) {
            kill(-slot->script, SIGKILL);
            orphans = true;
        }
        if (outcome != 0)
            ok = false;
        pooled -= slot->pooled;
        slot->pid = 0;
    }
    if (orphans) // as far as they were not in the process group that was killed
        orphans_kill();
    return ok;
}

static void reopen_logs(void)
{
    log_reopen();
    for (struct slot *s = NULL; (s = slots_next(s));)
        kill(s->pid, SIGHUP);
}

// Read what signals there are. Returns what reap returns.
static bool take_signals(int signals)
{
    struct signalfd_siginfo which[8];
    ssize_t n = read(signals, which, sizeof which);
    bool ok = true;

    for (ssize_t i = 0; i < n / (ssize_t)sizeof *which; i++)
        if (which[i].ssi_signo == SIGCHLD)
            ok = reap();
        else if (which[i].ssi_signo == SIGUSR1) // from a worker, see there
            busy_since = now_ms();
        else if (which[i].ssi_signo == SIGHUP)
            reopen_logs();
        else
            ended_by = (int)which[i].ssi_signo;
    return ok;
}

// Fork a process for a connection that no worker is free for. False if
// descriptors, memory or processes are short.
static bool serve_one_more(const struct server *server)
{
    // Step 2: accept, fork, and close what the child has now
    int s = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (s == -1)
        return !is_shortage(errno);
    pid_t child = fork_into_slot(false);
    if (child == 0)
        worker_serve_one(server, s);
    if (child == -1) {
        warn("fork");
        serve_refusal(s);
    }
    close(s); // or the client would never see end of file
    return child != -1;
}

// All slots are taken. The connection that has been idle longest is closed; if
// all are being answered, the new client is refused. False if the slot is not
// free yet.
static bool evict_idlest(const struct server *server)
{
    struct slot *slot = slots_longest_reading();

    if (slot) {
        kill(slot->pid, SIGUSR1);
        return false;
    }
    int s = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (s == -1)
        return !is_shortage(errno);
    serve_refusal(s);
    close(s);
    return true;
}

// SIGTERM to all workers, then wait for them.
static void end_all(const struct server *server, int signals)
{
    struct pollfd on = {.fd = signals, .events = POLLIN};
    long long deadline = now_ms() + LAST_MS;

    shutdown(server->listener, SHUT_RDWR);
    for (struct slot *s = NULL; (s = slots_next(s));)
        kill(s->pid, SIGTERM);
    ended_by = 0;
    while (slots_next(NULL)) {
        poll(&on, 1, ms_until(deadline));
        take_signals(signals);
        // A second signal, or the deadline: SIGKILL.
        if (ended_by || now_ms() >= deadline) {
            for (struct slot *s = NULL; (s = slots_next(s));)
                kill(s->pid, SIGKILL);
            deadline = now_ms() + LAST_MS;
        }
    }
}

int master_begin(const struct server *server)
{
    sigset_t ours;

    master = getpid();
    sigemptyset(&ours);
    sigaddset(&ours, SIGCHLD);
    sigaddset(&ours, SIGUSR1);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGHUP);
    sigprocmask(SIG_BLOCK, &ours, NULL);
    worker_handlers();
    int signals = signalfd(-1, &ours, SFD_NONBLOCK | SFD_CLOEXEC);
    if (signals == -1)
        err(1, "signalfd");
    prctl(PR_SET_CHILD_SUBREAPER, 1); // see orphans.h
    if (!fill_pool(server) && pooled == 0)
        err(1, "fork");
    return signals;
}

int master_run(const struct server *server, int signals)
{
    sigset_t all;
    bool pause = false; // before we accept again

    while (!ended_by) {
        if (!fill_pool(server))
            pause = true;
        // Whether the pool stays busy shows after POOL_WAIT_MS.
        bool alone = server->workers == 0;
        bool busy = !alone && !slots_any_idle();
        int wait_ms = busy ? ms_until(busy_since + POOL_WAIT_MS) : 0;
        bool listen = !pause && (alone || (busy && wait_ms == 0));
        struct pollfd on[] = {
            {.fd = signals, .events = POLLIN},
            {.fd = listen ? server->listener : -1, .events = POLLIN},
        };
        poll(on, 2, pause ? SHORTAGE_MS : wait_ms > 0 ? wait_ms : -1);
        pause = false;
        if (on[0].revents != 0 && !take_signals(signals))
            pause = true;
        if (on[1].revents != 0)
            pause = !(slots_free_one() ? serve_one_more(server)
                                       : evict_idlest(server));
    }

    int number = ended_by;
    end_all(server, signals);
    signal(number, SIG_DFL);
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    return number;
}
