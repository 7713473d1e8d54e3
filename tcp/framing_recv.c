/*
 * tcp/framing_recv.c -- receive messages of any length out of a byte stream.
 *
 * Shows:   TCP keeps the bytes in order and forgets where one write ended and
 *          the next began. So the message says how long it is, first, and the
 *          receiver reads until it has that many bytes.
 *          --naive: takes what one recv returns for a message, as
 *          udp/varlen_recv may. Readings are glued together and torn apart.
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
 * Read:    tcp(7), recv(2), poll(2)
 */
#define _GNU_SOURCE // accept4, POLLRDHUP
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
#include "frame.h"
#include "sockets.h"

// Step 2: receive the next frame. Returns the length of its message; 0 at end
// of file, -1
static ssize_t recv_frame(int connection, struct message_wire *message)
{
    uint16_t field;
    ssize_t n = recv(connection, &field, sizeof field, MSG_WAITALL);
    if (n <= 0)
        return n;
    if (n < (ssize_t)sizeof field)
        errx(1, "end of file after %zd of %zu bytes", n, sizeof field);

    // A length that cannot be is the end: in a stream without boundaries there
    // is nothing by which to find the next frame.
    size_t length = ntohs(field);
    if (length < sizeof message->reading || length > sizeof *message)
        errx(1, "a length of %zu: this stream has no frames", length);

    n = recv(connection, message, length, MSG_WAITALL);
    if (n >= 0 && (size_t)n < length)
        errx(1, "end of file after %zd of %zu bytes", n, length);
    return n;
}

// Whatever the next recv returns.
static ssize_t recv_naively(int connection, struct message_wire *message)
{
    // A program that is busy with something else, and finds everything there
    // when it comes to read: that is when the boundaries are seen to be gone.
    struct pollfd everything = {.fd = connection, .events = POLLRDHUP};
    poll(&everything, 1, -1);
    return recv(connection, message, sizeof *message, 0);
}

int main(int argc, char *argv[])
{
    program_start();
    int naive = 0;
    const struct option flags[] = {{"naive", no_argument, &naive, 1}, {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 2 ||
        !is_port(argv[optind + 1]))
        return usage(argc, argv, "framing_recv [--naive] ADDRESS PORT");

    // Step 1: listen, say ready, and accept one connection
    int connection = tcp_accept_one(argv[optind], argv[optind + 1]);
    if (connection == -1)
        return 1;

    // Step 3: take frames until END; a stream that ends before is an error
    uint32_t arrived = 0;
    struct message_wire message;
    ssize_t n;
    while ((n = naive ? recv_naively(connection, &message)
                      : recv_frame(connection, &message)) > 0)
        if (!message_report(&message, (size_t)n, &arrived))
            return 0;
    if (n == -1)
        err(1, "recv");
    errx(1, "end of file after %" PRIu32 " readings, END is missing", arrived);
}
