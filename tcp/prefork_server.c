/*
 * tcp/prefork_server.c -- children that wait for clients before they come.
 *
 * Shows:   All workers wait in accept on the same listener, and the kernel
 *          wakes one for each client (all of them, the "thundering herd", only
 *          where they wait in poll): no fork while a client waits. The parent
 *          never touches a connection. It keeps between --least and --most
 *          workers: one more when none is idle, fewer when more than --least
 *          are, a new one for one that was killed.
 *
 * Run:     terminal 1 $ build/tcp/prefork_server --clients 2 127.0.0.1 9400
 *          terminal 2 $ build/tcp/client --clients 2 127.0.0.1 9400 3
 *
 * Prints:  ready on 127.0.0.1:9400, 2 to 8 workers
 *          <...>
 *          2 clients served
 *
 * Read:    fork(2), prctl(2), accept(2), waitpid(2), shutdown(2)
 */
#define _GNU_SOURCE // accept4, pipe2
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pool.h"
#include "service.h"
#include "sockets.h"

static long clients = LONG_MAX, min_workers = 2, max_workers = 8;

// A worker, until the listener is shut down, or enough others are idle.
static void work(struct worker *me, int listener)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); // no worker outlives its parent
    signal(SIGINT, SIG_IGN);          // ^C is for the parent to handle
    signal(SIGTERM, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);

    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (connection == -1 && accept_again())
            continue;
        if (connection == -1)
            return;
        pool_set_busy(me, true);
        serve(connection);
        close(connection);
        pool->served++;
        if (pool->idle >= min_workers)
            return; // still busy, so not counted as idle
        pool_set_busy(me, false);
    }
}

// Fork one more worker. False if that failed; it is tried again later.
static bool add_worker(int listener)
{
    struct worker *worker = pool_place();

    pool->idle++;
    pid_t child = fork();
    if (child == 0) {
        work(worker, listener);
        _exit(0);
    }
    if (child == -1) {
        warn("fork");
        pool->idle--;
        return false;
    }
    worker->pid = child;
    return true;
}

static bool set_option(int option, const char *text)
{
    if (option == 'c')
        return parse_long(text, 1, LONG_MAX, &clients);
    return parse_long(text, 1, WORKERS_MAX,
                      option == 'l' ? &min_workers : &max_workers);
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option options[] = {
        {"clients", required_argument, NULL, 'c'}, // how many, then end
        {"least", required_argument, NULL, 'l'},
        {"most", required_argument, NULL, 'm'},
        {0},
    };
    if (!parse_option_values(argc, argv, options, set_option) ||
        argc - optind != 2 || !is_port(argv[optind + 1]) ||
        min_workers > max_workers)
        return usage(argc, argv,
                     "prefork_server [--clients N] [--least N] [--most N] "
                     "ADDRESS PORT");

    int listener = tcp_listen(argv[optind], argv[optind + 1], SOMAXCONN);
    if (listener == -1)
        return 1;
    if (!pool_create())
        err(1, "mmap, pipe or sigaction");
    signal(SIGPIPE, SIG_IGN);
    program_ready("ready on %s, %ld to %ld workers\n",
                  address_bound(listener).text, min_workers, max_workers);

    long workers = 0;
    bool goes_on = true;
    while (goes_on && pool->served < clients) {
        long before = workers;
        int outcome;
        pid_t ended;
        for (; (ended = waitpid(-1, &outcome, WNOHANG)) > 0; workers--)
            pool_remove(ended, outcome);
        while (workers < min_workers ||
               (pool->idle <= 0 && workers < max_workers)) {
            if (!add_worker(listener))
                break;
            workers++;
        }
        if (workers != before)
            printf("%ld workers\n", workers);
        goes_on = pool_wait(workers < min_workers ? 1000 : -1);
    }

    shutdown(listener, SHUT_RDWR); // every accept fails; serving goes on
    while (wait(NULL) > 0 || errno == EINTR)
        ; // a second signal interrupts
    printf("%ld clients served\n", pool->served);
    return 0;
}
