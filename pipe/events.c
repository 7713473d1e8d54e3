/*
 * pipe/events.c -- one poll for everything that can happen.
 *
 * Shows:   A signal, a counter, the time and the end of a process can be waited
 *          for like bytes in a pipe: each is a descriptor that gets readable.
 *          signalfd, eventfd, timerfd and pidfd beside a pipe, in one poll(2).
 *
 * Run:     $ build/pipe/events
 *
 * Prints:  timerfd: 50 ms are over, the child starts
 *          pipe: hello
 *          eventfd: 3 was added
 *          signalfd: SIGUSR1 from the child
 *          pidfd: the child has ended
 *
 * Read:    sigprocmask(2), signalfd(2), eventfd(2), timerfd_create(2),
 *          pipe2(2), poll(2), read(2), fork(2), pidfd_open(2)
 */
#define _GNU_SOURCE // pipe2; compat.h
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/compat.h"
#include "../common/program.h"

// What the child does last comes first, because poll checks them in this order:
// if it reports one event, it also reports those that came before it.
enum { CHILD, SIGNAL, COUNTER, PIPE, TIMER, EVENTS };

static pid_t start_child(int to, int counter)
{
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child != 0)
        return child;
    uint64_t three = 3;
    if (write(to, "hello", 5) == -1 ||
        write(counter, &three, sizeof three) == -1 ||
        kill(parent, SIGUSR1) == -1)
        err(1, "child");
    _exit(0);
}

// A descriptor for each; *to is the pipe's write end.
static void open_events(struct pollfd *events, int *to)
{
    const struct itimerspec after = {.it_value.tv_nsec = 50000000};
    sigset_t signals;
    int ends[2];

    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    // Blocked, it stays pending; otherwise it would end this process.
    if (sigprocmask(SIG_BLOCK, &signals, NULL) == -1)
        err(1, "sigprocmask");
    events[SIGNAL].fd = signalfd(-1, &signals, SFD_CLOEXEC);
    events[COUNTER].fd = eventfd(0, EFD_CLOEXEC);
    events[TIMER].fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (events[SIGNAL].fd == -1 || events[COUNTER].fd == -1 ||
        timerfd_settime(events[TIMER].fd, 0, &after, NULL) == -1)
        err(1, "signalfd, eventfd, timerfd");
    if (pipe2(ends, O_CLOEXEC) == -1)
        err(1, "pipe2");
    events[PIPE].fd = ends[0];
    events[CHILD].fd = -1; // poll passes over -1
    *to = ends[1];
    for (int i = 0; i < EVENTS; i++)
        events[i].events = POLLIN;
}

// Read what there is, if the descriptor is readable. False if it is not.
static bool read_event(const struct pollfd *event, void *data, size_t size)
{
    if (!(event->revents & POLLIN))
        return false;
    if (read(event->fd, data, size) != (ssize_t)size)
        err(1, "read");
    return true;
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc != 1)
        return usage(argc, argv, "events");

    struct pollfd events[EVENTS] = {0};
    int to;
    open_events(events, &to);
    pid_t child = -1;
    while (events[CHILD].revents == 0) {
        uint64_t count;
        char text[5];
        struct signalfd_siginfo from;

        if (poll(events, EVENTS, -1) == -1)
            err(1, "poll");
        if (read_event(&events[TIMER], &count, sizeof count)) {
            printf("timerfd: 50 ms are over, the child starts\n");
            child = start_child(to, events[COUNTER].fd);
            events[CHILD].fd = pidfd_open(child, 0);
            if (events[CHILD].fd == -1)
                err(1, "pidfd_open");
        }
        if (read_event(&events[PIPE], text, sizeof text))
            printf("pipe: %.5s\n", text);
        if (read_event(&events[COUNTER], &count, sizeof count))
            printf("eventfd: %" PRIu64 " was added\n", count);
        if (read_event(&events[SIGNAL], &from, sizeof from))
            printf("signalfd: SIGUSR1 from %s\n",
                   (pid_t)from.ssi_pid == child ? "the child" : "elsewhere");
    }
    printf("pidfd: the child has ended\n");
    return child_succeeded(child, "child") ? 0 : 1;
}
