/*
 * tcp/epoll_server.c -- one process, many clients: epoll.
 *
 * Shows:   The kernel keeps the set of descriptors, and epoll_wait returns only
 *          those that are ready, however many there are. By default an event is
 *          level-triggered: it comes as long as there are bytes.
 *          --edge: it comes only when new bytes arrive. Here one message is
 *          read for each event, so what came along with it is left lying.
 *          --edge --drain: reads until recv says EAGAIN, as --edge demands
 *
 * Run:     terminal 1 $ build/tcp/epoll_server --clients 2 127.0.0.1 9400
 *          terminal 2 $ build/tcp/client --clients 2 --ahead 127.0.0.1 9400 3
 *
 * Prints:  ready on 127.0.0.1:9400
 *          2 clients served, at most <n> at a time
 *
 * Read:    epoll(7), epoll_create1(2), epoll_ctl(2), epoll_wait(2), accept4(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../common/program.h"
#include "session.h"
#include "sockets.h"

#define DESCRIPTORS_MAX 1024

static struct session sessions[DESCRIPTORS_MAX]; // by descriptor
static long clients = LONG_MAX, served, open_now, most;
static int edge, drain, epoll;

static void watch(int operation, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    if (epoll_ctl(epoll, operation, fd, &event) == -1)
        err(1, "epoll_ctl");
}

static void add_session(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd == -1 && accept_again())
        return;
    if (fd == -1)
        err(1, "accept");
    if (fd >= DESCRIPTORS_MAX) {
        reject(fd);
        close(fd);
        return;
    }
    sessions[fd] = session_start();
    watch(EPOLL_CTL_ADD, fd, edge ? EPOLLIN | EPOLLOUT | EPOLLET : EPOLLIN);
    if (++open_now > most)
        most = open_now;
}

static void close_session(int fd)
{
    sessions[fd].open = false;
    close(fd); // which also takes it out of the set
    open_now--;
    served++;
}

static void serve_session(int fd)
{
    struct session *s = &sessions[fd];
    short before = s->events;
    enum session_result result;

    do
        result = session_serve(s, fd);
    while (drain && result == SESSION_MOVED);
    if (result == SESSION_CLOSED)
        close_session(fd);
    else if (!edge && s->events != before)
        watch(EPOLL_CTL_MOD, fd, s->events == POLLIN ? EPOLLIN : EPOLLOUT);
}

static void close_overdue(void)
{
    for (int fd = 0; fd < DESCRIPTORS_MAX; fd++)
        if (sessions[fd].open && session_overdue(&sessions[fd]))
            close_session(fd);
}

static bool set_clients(int option, const char *text)
{
    (void)option;
    return parse_long(text, 1, LONG_MAX, &clients);
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option options[] = {
        {"clients", required_argument, NULL, 'c'}, // how many, then end
        {"edge", no_argument, &edge, 1},
        {"drain", no_argument, &drain, 1},
        {0},
    };
    if (!parse_option_values(argc, argv, options, set_clients) ||
        argc - optind != 2 || !is_port(argv[optind + 1]))
        return usage(argc, argv,
                     "epoll_server [--clients N] [--edge] [--drain] "
                     "ADDRESS PORT");

    int listener = tcp_listen(argv[optind], argv[optind + 1], SOMAXCONN);
    if (listener == -1)
        return 1;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll == -1)
        err(1, "epoll_create1");
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
    program_ready("ready on %s\n", address_bound(listener).text);

    int64_t checked_us = clock_us();
    while (served < clients) {
        struct epoll_event events[64];
        int n = epoll_wait(epoll, events, 64, 1000);
        if (n == -1 && errno != EINTR)
            err(1, "epoll_wait");
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == listener)
                add_session(listener);
            else
                serve_session(events[i].data.fd);
        }
        if (clock_us() - checked_us > 1000000) { // all of them, once a second
            close_overdue();
            checked_us = clock_us();
        }
    }
    printf("%ld clients served, at most %ld at a time\n", served, most);
    return 0;
}
