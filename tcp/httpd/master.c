/*
 * tcp/httpd/master.c -- the process that makes the workers.
 *
 * Shows:   A master serves nobody itself. It forks a process for each
 *          connection; or it has forked some beforehand, who accept for
 *          themselves ("prefork"), and steps in only while all of them are
 *          busy: so a hundred silent clients keep a hundred processes busy, and
 *          nobody out. When there are as many as there may be, the client that
 *          has kept us waiting longest has to go.
 *
 *          signalfd(2): signals are read from a descriptor, one event among
 *          others. There is no handler that could run at a bad moment.
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

#include "clock.h"
#include "listen.h"
#include "serve.h"
#include "slots.h"
#include "worker.h"

#define LAST_MS 30000 // for what is being served when we are told to end
#define PATIENCE_MS 2 // with a pool that is busy, before we step in

static pid_t master;
static long pooled;          // workers that accept for themselves
static long long busy_since; // when the last idle one of them was taken
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
    slot->doing = into_pool ? DOING_IDLE : DOING_READING;
    slot->when = (unsigned)now_ms();
    pid_t child = fork();
    if (child == 0)
        worker_begin(slot, master);
    if (child > 0)
        slot->pid = child;
    return child;
}

// Keep as many workers as there are to be. False if fork failed.
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

// What a killed worker had started is our child now, if it was not in the group
// that we have ended already; and what that had started is, once it has ended.
static void end_strangers(void)
{
    char path[48];
    int pid;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)master);
    FILE *children = fopen(path, "re");
    while (children && fscanf(children, "%d", &pid) == 1)
        if (!slots_of(pid))
            kill(pid, SIGKILL);
    if (children)
        fclose(children);
}

// Wait for those who have ended. False if one of them did not end well.
static bool reap(void)
{
    bool well = true, strangers = false;
    int outcome;
    pid_t child;

    while ((child = waitpid(-1, &outcome, WNOHANG)) > 0) {
        struct slot *slot = slots_of(child);
        if (!slot) {
            strangers = true;
            continue;
        }
        if (slot->script != 0) {
            kill(-slot->script, SIGKILL);
            strangers = true;
        }
        if (outcome != 0)
            well = false;
        pooled -= slot->pooled;
        slot->pid = 0;
    }
    if (strangers)
        end_strangers();
    return well;
}

// Read what signals there are. Returns what reap returns.
static bool take_signals(int signals)
{
    struct signalfd_siginfo which[8];
    ssize_t n = read(signals, which, sizeof which);
    bool well = true;

    for (ssize_t i = 0; i < n / (ssize_t)sizeof *which; i++)
        if (which[i].ssi_signo == SIGCHLD)
            well = reap();
        else if (which[i].ssi_signo == SIGUSR1) // from a worker, see there
            busy_since = now_ms();
        else
            ended_by = (int)which[i].ssi_signo;
    return well;
}

// Fork a process for a connection that no worker is free for. False if there is
// a shortage of something.
static bool serve_one_more(const struct server *server)
{
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
    close(s); // or its client would never see the end of it
    return child != -1;
}

// All the room is taken, and somebody is at the door. Whoever has been waiting
// longest for his client to say something hangs up; if all are being served,
// the new one is sent away. False if there will be room only in a moment.
static bool make_room(const struct server *server)
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

// Tell all of them to finish, and wait until they have.
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
        // A second signal means now; and so does a client that never ends.
        if (ended_by || now_ms() >= deadline) {
            for (struct slot *s = NULL; (s = slots_next(s));)
                kill(s->pid, SIGKILL);
            deadline = now_ms() + LAST_MS;
        }
    }
}

int master_run(const struct server *server)
{
    sigset_t ours, before;
    bool pause = false; // before we accept again

    master = getpid();
    sigemptyset(&ours);
    sigaddset(&ours, SIGCHLD);
    sigaddset(&ours, SIGUSR1);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGHUP);
    sigprocmask(SIG_BLOCK, &ours, &before);
    worker_handlers();
    int signals = signalfd(-1, &ours, SFD_NONBLOCK | SFD_CLOEXEC);
    if (signals == -1)
        err(1, "signalfd");
    prctl(PR_SET_CHILD_SUBREAPER, 1); // see end_strangers

    while (!ended_by) {
        if (!fill_pool(server))
            pause = true;
        // The pool may be busy for a moment only.
        bool alone = server->workers == 0;
        bool busy = !alone && !slots_any_idle();
        int patience = busy ? ms_until(busy_since + PATIENCE_MS) : 0;
        bool listen = !pause && (alone || (busy && patience == 0));
        struct pollfd on[] = {
            {.fd = signals, .events = POLLIN},
            {.fd = listen ? server->listener : -1, .events = POLLIN},
        };
        poll(on, 2, pause ? SHORTAGE_MS : patience > 0 ? patience : -1);
        pause = false;
        if (on[0].revents != 0 && !take_signals(signals))
            pause = true;
        if (on[1].revents != 0)
            pause = !(slots_free_one() ? serve_one_more(server)
                                       : make_room(server));
    }

    int number = ended_by;
    end_all(server, signals);
    signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return number;
}
