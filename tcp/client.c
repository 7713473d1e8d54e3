/*
 * tcp/client.c -- one client or many, for serial_, fork_ and prefork_server.
 *
 * Shows:   Each client sends a reading, and waits for the mean of all so far
 *          before it sends the next. --pause MS: is slow; what that does to the
 *          others is the server's affair.
 *
 * Run:     start tcp/fork_server.c first; its header has both commands
 *
 * Prints:  client <n>: 3 readings, mean -3.1 C
 *          client <n>: 3 readings, mean -3.1 C
 *
 * Read:    connect(2), fork(2), write(2), read(2), wait(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "../common/stream.h"
#include "sockets.h"

#define PATIENCE 2 // seconds, for the end of file

// Send one reading, and receive what the server answers.
static struct reading ask(int connection, const struct reading *question)
{
    struct reading_wire wire = reading_encode(question);
    struct reading answer;

    if (write_full(connection, &wire, sizeof wire) == -1 && errno != EPIPE)
        err(1, "write"); // EPIPE: it may have said why before it left
    ssize_t n = read_full(connection, &wire, sizeof wire);
    if (n == -1)
        err(1, "read");
    if (!reading_decode(&answer, &wire, (size_t)n))
        errx(1, "the server hung up, or speaks something else");
    return answer;
}

// One client, from connect to end of file. Returns its exit status.
static int talk(int number, char *address[2], long count, long pause)
{
    int connection = connect_to(address[0], address[1]);
    if (connection == -1)
        return 1;

    struct reading answer = {0};
    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        struct reading r = reading_sample(seq);
        answer = ask(connection, &r);
        if (answer.kind == READING_END) {
            printf("client %d: turned away, the server is full\n", number);
            return 1;
        }
        poll(NULL, 0, (int)pause);
    }
    struct reading end = {.kind = READING_END, .seq = (uint32_t)count};
    ask(connection, &end);

    const struct timeval patience = {.tv_sec = PATIENCE};
    char byte;
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (read(connection, &byte, 1) != 0)
        errx(1, "client %d: no end of file in %d s; who holds the connection?",
             number, PATIENCE);
    printf("client %d: %ld readings, mean %.1f C\n", number, count,
           answer.tenths / 10.0);
    close(connection);
    return 0;
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] =
        "client [--clients N] [--pause MS] ADDRESS PORT COUNT";
    const struct option options[] = {
        {"clients", required_argument, NULL, 'c'},
        {"pause", required_argument, NULL, 'p'},
        {0},
    };
    long clients = 1, pause = 0, count;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option == '?' ||
            (option == 'c' && !parse_long(optarg, 1, 1000, &clients)) ||
            (option == 'p' && !parse_long(optarg, 0, 10000, &pause)))
            return usage(argc, argv, synopsis);
    if (argc - optind != 3 || !parse_long(argv[optind + 2], 1, 10000, &count))
        return usage(argc, argv, synopsis);

    signal(SIGPIPE, SIG_IGN);
    setvbuf(stderr, NULL, _IOLBF, 0); // several write there: whole lines
    for (int number = 1; number <= clients; number++) {
        pid_t child = fork();
        if (child == -1)
            err(1, "fork");
        if (child == 0)
            return talk(number, argv + optind, count, pause);
    }

    int outcome, worst = 0;
    while (wait(&outcome) > 0)
        if (outcome != 0)
            worst = 1;
    return worst;
}
