/*
 * tcp/client.c -- one client or many, for serial_, fork_, prefork_, poll_ and
 *                 epoll_server.
 *
 * Shows:   Each client is a process. It sends a reading, and waits for the mean
 *          of all so far before it sends the next. --pause MS: it pauses after
 *          each answer. --ahead: it sends all readings at once, and then
 *          receives all answers
 *
 * Run:     start tcp/fork_server.c first; its header has both commands
 *
 * Prints:  client <n>: 3 readings, mean -3.1 C
 *          client <n>: 3 readings, mean -3.1 C
 *
 * Read:    fork(2), send(2), recv(2), setsockopt(2), wait(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/program.h"
#include "service.h"
#include "sockets.h"

#define COUNT_MAX 10000
#define ANSWER_TIMEOUT_S 2 // once the server has begun to answer

static long clients = 1, pause_ms, count;
static int ahead;

// The readings first to last, all in one call.
static void send_readings(int connection, uint32_t first, uint32_t last)
{
    static struct reading_wire wires[COUNT_MAX];
    size_t n = 0;

    for (uint32_t seq = first; seq <= last; seq++) {
        struct reading r = reading_or_end(seq, (uint32_t)count);
        wires[n++] = reading_encode(&r);
    }
    // EPIPE: the server has closed, but may have said why before.
    if (send(connection, wires, n * sizeof *wires, MSG_NOSIGNAL) == -1 &&
        errno != EPIPE)
        err(1, "send");
}

static struct reading recv_answer(int connection, int number)
{
    struct reading_wire wire;
    struct reading answer;

    ssize_t n = recv(connection, &wire, sizeof wire, MSG_WAITALL);
    if (n == -1 && errno == EAGAIN)
        errx(1, "client %d: no answer in %d s", number, ANSWER_TIMEOUT_S);
    if (n == -1)
        err(1, "client %d: recv", number);
    if (!reading_decode(&answer, &wire, (size_t)n))
        errx(1, "client %d: the server closed, or sent no reading", number);
    return answer;
}

// One client, from connect to end of file. Returns its exit status.
static int talk(int number, char *host, char *port)
{
    const struct timeval timeout = {.tv_sec = ANSWER_TIMEOUT_S};
    double mean = 0;
    long received = 0;
    int connection = tcp_connect(host, port);
    if (connection == -1)
        return 1;

    const uint32_t last = (uint32_t)count + 1; // which is END
    if (ahead)
        send_readings(connection, 1, last);
    for (uint32_t seq = 1; seq <= last; seq++) {
        if (!ahead)
            send_readings(connection, seq, seq);
        struct reading answer = recv_answer(connection, number);
        if (answer.kind == READING_END)
            break;
        mean = answer.tenths / 10.0;
        received++;
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout,
                   sizeof timeout);
        poll(NULL, 0, (int)pause_ms);
    }
    if (received < count) {
        printf("client %d: rejected, the server is full\n", number);
        return 1;
    }

    char byte;
    if (recv(connection, &byte, 1, 0) != 0)
        errx(1, "client %d: no end of file in %d s: is it open elsewhere?",
             number, ANSWER_TIMEOUT_S);
    printf("client %d: %ld readings, mean %.1f C\n", number, count, mean);
    return 0;
}

static bool set_option(int option, const char *text)
{
    return option == 'c' ? parse_long(text, 1, 1000, &clients)
                         : parse_long(text, 0, 10000, &pause_ms);
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option options[] = {
        {"clients", required_argument, NULL, 'c'},
        {"pause", required_argument, NULL, 'p'},
        {"ahead", no_argument, &ahead, 1},
        {0},
    };
    if (!parse_option_values(argc, argv, options, set_option) ||
        argc - optind != 3 || !is_port(argv[optind + 1]) ||
        !parse_long(argv[optind + 2], 1, COUNT_MAX - 1, &count))
        return usage(argc, argv,
                     "client [--clients N] [--pause MS] [--ahead] "
                     "ADDRESS PORT COUNT");

    for (int number = 1; number <= clients; number++) {
        pid_t child = fork();
        if (child == -1)
            err(1, "fork");
        if (child == 0)
            return talk(number, argv[optind], argv[optind + 1]);
    }

    int outcome, failed = 0;
    while (wait(&outcome) > 0)
        failed += outcome != 0;
    return failed > 0 ? 1 : 0;
}
