/*
 * tcp/prefork_server.c -- children that wait for clients before they come.
 *
 * Shows:   All workers wait in accept on the same socket, and the kernel wakes
 *          one for each client: no fork while a client waits. The parent never
 *          touches a connection. It keeps the pool: one more when none is idle,
 *          fewer when too many are, a new one for one that died.
 *
 * Run:     terminal 1 $ build/tcp/prefork_server --clients 2 127.0.0.1 9400
 *          terminal 2 $ build/tcp/client --clients 2 127.0.0.1 9400 3
 *
 * Prints:  ready on 127.0.0.1:9400, 2 to 8 workers
 *          <...>
 *          2 clients served
 *
 * Read:    fork(2), accept(2), mmap(2), pipe(2), poll(2), waitpid(2), kill(2)
 */
#define _GNU_SOURCE // accept4, pipe2
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/program.h"
#include "pool.h"
#include "sockets.h"

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] = "prefork_server [--clients N] [--least N] "
                                   "[--most N] ADDRESS PORT";
    const struct option options[] = {
        {"clients", required_argument, NULL, 'c'}, // so many, and end
        {"least", required_argument, NULL, 'l'},
        {"most", required_argument, NULL, 'm'},
        {0},
    };
    long clients = LONG_MAX;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option == '?' ||
            (option == 'c' && !parse_long(optarg, 1, LONG_MAX, &clients)) ||
            (option == 'l' && !parse_long(optarg, 1, WORKERS_MAX, &fewest)) ||
            (option == 'm' && !parse_long(optarg, 1, WORKERS_MAX, &most)))
            return usage(argc, argv, synopsis);
    if (argc - optind != 2 || fewest > most)
        return usage(argc, argv, synopsis);

    int door = listen_on(argv[optind], argv[optind + 1], SOMAXCONN);
    if (door == -1)
        return 1;
    pool = mmap(NULL, sizeof *pool, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pool == MAP_FAILED)
        err(1, "mmap");
    if (pipe2(news, O_CLOEXEC | O_NONBLOCK) == -1)
        err(1, "pipe2");
    const struct sigaction ended = {.sa_handler = child_ended};
    const struct sigaction ending = {.sa_handler = asked_to_end};
    sigaction(SIGCHLD, &ended, NULL);
    sigaction(SIGINT, &ending, NULL);
    sigaction(SIGTERM, &ending, NULL);
    signal(SIGPIPE, SIG_IGN);
    printf("ready on %s, %ld to %ld workers\n", address_bound(door).text,
           fewest, most);

    long workers = 0;
    bool end = false;
    while (!end && pool->served < clients) {
        workers -= bury(WNOHANG);
        long before = workers;
        while (workers < fewest || (pool->idle <= 0 && workers < most)) {
            fflush(stdout); // or the child would print it once more
            if (!add_worker(door))
                break;
            workers++;
        }
        if (workers != before)
            printf("%ld workers\n", workers);

        struct pollfd anything = {.fd = news[0], .events = POLLIN};
        poll(&anything, 1, -1);
        char what[64];
        ssize_t n = read(news[0], what, sizeof what);
        end = n > 0 && memchr(what, 'e', (size_t)n);
    }

    shutdown(door, SHUT_RDWR); // every accept fails; who serves, goes on
    bury(0);
    printf("%ld clients served\n", pool->served);
    return 0;
}
