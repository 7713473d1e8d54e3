/*
 * tcp/small_send.c -- send readings in two small pieces, and wait each time.
 *
 * Shows:   Nagle's algorithm holds a small segment back while an earlier one is
 *          not acknowledged; the receiver delays that ACK. Both together cost
 *          40 ms for each reading. Three cures, each with its segments counted:
 *          TCP_NODELAY switches Nagle off; TCP_CORK holds everything back until
 *          it is taken off; one sendmsg has nothing to hold back.
 *
 * Run:     start tcp/small_recv.c first; its header has both commands
 *
 * Prints:  two sends    <ms> ms and <n> segments a reading
 *          TCP_NODELAY  <ms> ms and 2.0 segments a reading
 *          TCP_CORK     <ms> ms and 1.0 segments a reading
 *          one sendmsg  <ms> ms and 1.0 segments a reading
 *
 * Read:    tcp(7), setsockopt(2), send(2), sendmsg(2), recv(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <linux/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/reading.h"
#include "sockets.h"

#define HEAD 4 // bytes of a reading that are sent first

static const struct way {
    const char *name;
    bool nodelay, cork, at_once;
} ways[] = {
    {.name = "two sends"},
    {.name = "TCP_NODELAY", .nodelay = true},
    {.name = "TCP_CORK", .cork = true},
    {.name = "one sendmsg", .at_once = true},
};

static void set_tcp(int connection, int option, int value)
{
    if (setsockopt(connection, IPPROTO_TCP, option, &value, sizeof value) == -1)
        err(1, "setsockopt");
}

static void send_reading(int connection, const struct way *way,
                         const struct reading *r)
{
    struct reading_wire wire = reading_encode(r);
    struct iovec parts[2] = {
        {.iov_base = &wire, .iov_len = HEAD},
        {.iov_base = (char *)&wire + HEAD, .iov_len = sizeof wire - HEAD},
    };
    struct msghdr both = {.msg_iov = parts, .msg_iovlen = 2};

    if (way->at_once) {
        if (sendmsg(connection, &both, MSG_NOSIGNAL) == -1)
            err(1, "sendmsg");
        return;
    }
    if (way->cork)
        set_tcp(connection, TCP_CORK, 1);
    for (int i = 0; i < 2; i++)
        if (send(connection, parts[i].iov_base, parts[i].iov_len,
                 MSG_NOSIGNAL) == -1)
            err(1, "send");
    if (way->cork)
        set_tcp(connection, TCP_CORK, 0);
}

// Send that many readings, and wait for the answer to each.
static void measure(int connection, const struct way *way, long count)
{
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    int64_t start_us = clock_us();

    if (way->nodelay)
        set_tcp(connection, TCP_NODELAY, 1);
    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        struct reading r = reading_sample(seq);
        struct reading_wire answer;
        send_reading(connection, way, &r);
        if (recv(connection, &answer, sizeof answer, MSG_WAITALL) !=
            sizeof answer)
            errx(1, "the receiver closed before it answered");
    }
    double ms = (double)(clock_us() - start_us) / 1000.0;
    if (getsockopt(connection, IPPROTO_TCP, TCP_INFO, &info, &length) == -1)
        err(1, "getsockopt");
    printf("%-11s %6.2f ms and %.1f segments a reading\n", way->name,
           ms / (double)count, info.tcpi_data_segs_out / (double)count);
}

int main(int argc, char *argv[])
{
    program_start();
    long count;
    if (!parse_flags(argc, argv, NULL) || argc - optind != 3 ||
        !is_port(argv[optind + 1]) ||
        !parse_long(argv[optind + 2], 1, 1000, &count))
        return usage(argc, argv, "small_send ADDRESS PORT COUNT");

    for (int i = 0; i < 4; i++) {
        int connection = tcp_connect(argv[optind], argv[optind + 1]);
        if (connection == -1)
            return 1;
        measure(connection, &ways[i], count);
        struct reading end = {.kind = READING_END};
        if (i == 3)
            send_reading(connection, &ways[i], &end);
        close(connection);
    }
    return 0;
}
