/*
 * tcp/framing_recv.c -- receive messages of any length out of a byte stream.
 *
 * Shows:   TCP keeps the bytes in order and forgets where one write ended and
 *          the next began. So the message says how long it is, first, and the
 *          receiver reads until it has that many bytes.
 *          --naive: takes what a read returns for a message, as udp/varlen_recv
 *          may. Readings are glued together and torn apart.
 *
 * Run:     terminal 1 $ build/tcp/framing_recv 127.0.0.1 9400
 *          terminal 2 $ build/tcp/framing_send 127.0.0.1 9400 calm snow wind
 *
 * Prints:  ready on 127.0.0.1:9400
 *          oslo #1 -3.2 C: calm
 *          oslo #2 -3.1 C: snow
 *          oslo #3 -3.0 C: wind
 *          3 of 3 readings arrived
 *
 * Read:    tcp(7), read(2), poll(2)
 */
#define _GNU_SOURCE // accept4, POLLRDHUP
#include <err.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/stream.h"
#include "frame.h"
#include "sockets.h"

// The next frame. Returns the length of its message; 0 at end of file.
static size_t read_frame(int connection, struct message_wire *message)
{
    uint16_t field;
    ssize_t n = read_full(connection, &field, sizeof field);
    if (n == -1)
        err(1, "read");
    if (n == 0)
        return 0;

    // A length that cannot be is the end: in a stream without boundaries there
    // is nothing by which to find the next frame.
    size_t length = ntohs(field);
    if (length < sizeof message->reading || length > sizeof *message)
        errx(1, "a length of %zu: this stream has no frames", length);

    n = read_full(connection, message, length);
    if (n == -1)
        err(1, "read");
    if ((size_t)n < length)
        errx(1, "end of file after %zd of %zu bytes", n, length);
    return length;
}

// Whatever the next read returns; 0 at end of file.
static size_t read_naively(int connection, struct message_wire *message)
{
    // A program that is busy with something else, and finds everything there
    // when it comes to read: that is when the boundaries are seen to be gone.
    struct pollfd everything = {.fd = connection, .events = POLLRDHUP};
    if (poll(&everything, 1, -1) == -1)
        err(1, "poll");

    ssize_t n = read(connection, message, sizeof *message);
    if (n == -1)
        err(1, "read");
    return (size_t)n;
}

int main(int argc, char *argv[])
{
    program_start();
    int naive = 0;
    const struct option flags[] = {{"naive", no_argument, &naive, 1}, {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 2)
        return usage(argc, argv, "framing_recv [--naive] ADDRESS PORT");

    int door = listen_on(argv[optind], argv[optind + 1], 1);
    if (door == -1)
        return 1;
    printf("ready on %s\n", address_bound(door).text);

    struct sockaddr_storage there;
    int connection = accept_from(door, &there);
    if (connection == -1)
        err(1, "accept");
    close(door);

    struct message_wire message;
    uint32_t arrived = 0;
    size_t length;
    while ((length = naive ? read_naively(connection, &message)
                           : read_frame(connection, &message)) > 0)
        if (!message_report(&message, length, &arrived))
            return 0;
    errx(1, "end of file after %" PRIu32 " readings, END is missing", arrived);
}
