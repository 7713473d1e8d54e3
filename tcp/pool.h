/*
 * tcp/pool.h -- the workers of prefork_server.c, and how they are counted.
 *
 * Parent and workers share a page of memory. A worker says there what it does,
 * and wakes the parent by a byte in a pipe; a signal handler does the same, so
 * the parent has one thing to wait for.
 */
#ifndef TCP_POOL_H
#define TCP_POOL_H

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "service.h"
#include "sockets.h"

#define WORKERS_MAX 256

// In memory that the parent shares with its workers.
static struct pool {
    atomic_long served;
    atomic_int idle; // workers that wait in accept
    struct worker {
        pid_t pid;        // 0: nobody. The parent writes it,
        atomic_bool busy; // the worker this
    } workers[WORKERS_MAX];
} * pool;

static long fewest = 2, most = 8;

// One byte for each thing that happened, so that the parent can sleep until
// then.
static int news[2];

static void tell(char what)
{
    ssize_t n;
    do
        n = write(news[1], &what, 1);
    while (n == -1 && errno == EINTR); // a full pipe has news enough
}

static void child_ended(int number)
{
    (void)number;
    tell('c');
}

static void asked_to_end(int number)
{
    (void)number;
    tell('e');
}

// A worker's life. It ends when the door is shut, or when others are idle too.
static void work(struct worker *me, int door)
{
    struct sockaddr_storage there;
    int connection;

    while ((connection = accept_from(door, &there)) != -1) {
        me->busy = true;
        pool->idle--;
        tell('b');
        serve(connection);
        close(connection);
        pool->served++;
        if (pool->idle >= fewest)
            return; // busy still: the parent need not count it as idle
        me->busy = false;
        pool->idle++;
        tell('i');
    }
}

// One more process, for which there must be a place. False if there is none.
static bool add_worker(int door)
{
    struct worker *place = pool->workers;
    while (place->pid != 0)
        place++;
    place->busy = false;
    pool->idle++;

    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // no pool without its keeper
        signal(SIGINT, SIG_IGN);          // ^C is the parent's affair
        signal(SIGTERM, SIG_IGN);
        signal(SIGCHLD, SIG_DFL);
        work(place, door);
        _exit(0);
    }
    if (child == -1) {
        warn("fork"); // one less, until the next news bring another try
        pool->idle--;
        return false;
    }
    place->pid = child; // the parent's to write: in the child, fork returns 0
    return true;
}

// Take note of the workers that have ended. Returns their number.
static int bury(int options)
{
    int outcome, count = 0;
    pid_t pid;

    while ((pid = waitpid(-1, &outcome, options)) > 0) {
        struct worker *dead = pool->workers;
        while (dead->pid != pid)
            dead++;
        dead->pid = 0;
        count++;
        if (!dead->busy)
            pool->idle--; // it could not say so itself
        if (WIFSIGNALED(outcome))
            printf("a worker was ended by signal %d\n", WTERMSIG(outcome));
    }
    return count;
}

#endif
