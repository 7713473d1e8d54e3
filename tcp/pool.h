/*
 * tcp/pool.h -- how prefork_server.c counts its workers.
 *
 * Parent and workers share a page of memory. A worker notes there what it does,
 * and wakes the parent by a byte in a pipe; signal handlers do the same, so the
 * parent has one descriptor to wait for.
 */
#ifndef TCP_POOL_H
#define TCP_POOL_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS_MAX 256

// In memory that the parent shares with its workers.
static struct pool {
    atomic_long served;
    atomic_int idle; // workers that wait in accept
    struct worker {
        pid_t pid;        // 0: a free place. The parent writes it,
        atomic_bool busy; // the worker this
    } workers[WORKERS_MAX];
} * pool;

static int wake_pipe[2];

// Let pool_wait() return; 'e' in the pipe: the server is to end.
static void pool_wake(char why)
{
    ssize_t n;

    do
        n = write(wake_pipe[1], &why, 1);
    while (n == -1 && errno == EINTR); // EAGAIN: full, so the parent will wake
}

static void pool_signal(int number)
{
    int error = errno;

    pool_wake(number == SIGCHLD ? 'c' : 'e');
    errno = error;
}

// Make the pool, and have SIGCHLD, SIGINT and SIGTERM wake the parent.
static bool pool_create(void)
{
    const struct sigaction action = {.sa_handler = pool_signal};

    pool = mmap(NULL, sizeof *pool, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return pool != MAP_FAILED &&
           pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) == 0 &&
           sigaction(SIGCHLD, &action, NULL) == 0 &&
           sigaction(SIGINT, &action, NULL) == 0 &&
           sigaction(SIGTERM, &action, NULL) == 0;
}

// Wait for a change in the pool, so long at most (-1: for ever). False if a
// signal asked the server to end.
static bool pool_wait(int timeout_ms)
{
    struct pollfd wake = {.fd = wake_pipe[0], .events = POLLIN};
    char why[64];

    poll(&wake, 1, timeout_ms);
    ssize_t n = read(wake_pipe[0], why, sizeof why);
    return n <= 0 || !memchr(why, 'e', (size_t)n);
}

// A place for one more worker; there must be one.
static struct worker *pool_place(void)
{
    struct worker *place = pool->workers;

    while (place->pid != 0)
        place++;
    place->busy = false;
    return place;
}

// A worker has got a client, or has served it. Signals and kills may come at
// any time: busy and idle are each one atomic word, written in this order.
static void pool_set_busy(struct worker *me, bool busy)
{
    me->busy = busy;
    pool->idle += busy ? -1 : 1;
    pool_wake('w');
}

// Take note of the worker that has ended with this outcome of waitpid(2).
static void pool_remove(pid_t pid, int outcome)
{
    struct worker *ended = pool->workers;

    while (ended->pid != pid)
        ended++;
    ended->pid = 0;
    if (!ended->busy)
        pool->idle--; // it could not note that itself
    if (WIFSIGNALED(outcome))
        printf("a worker was ended by signal %d\n", WTERMSIG(outcome));
}

#endif
