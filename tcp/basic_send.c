/*
 * tcp/basic_send.c -- send weather readings over a connection.
 *
 * Shows:   connect makes the connection, or says at once that nobody listens.
 *          From then on the kernel numbers, acknowledges, repeats and paces the
 *          bytes: a write that succeeds is in the send buffer, no more; a
 *          reader that falls behind makes it wait.
 *
 * Run:     start tcp/basic_recv.c first; its header has both commands
 *
 * Read:    tcp(7), getaddrinfo(3), socket(2), connect(2), write(2), close(2)
 */
#include <err.h>
#include <netdb.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/address.h"
#include "../common/program.h"
#include "../common/reading.h"
#include "../common/stream.h"

static void send_reading(int connection, const struct reading *r)
{
    struct reading_wire wire = reading_encode(r);

    if (write_full(connection, &wire, sizeof wire) == -1)
        err(1, "write");
}

int main(int argc, char *argv[])
{
    program_start();
    long count;
    if (argc != 4 || !parse_long(argv[3], 0, 1000000, &count))
        return usage(argc, argv, "basic_send ADDRESS PORT COUNT");

    struct addrinfo *found;
    int error = address_find(argv[1], argv[2], SOCK_STREAM, 0, &found);
    if (error != 0)
        errx(1, "%s port %s: %s", argv[1], argv[2], gai_strerror(error));

    int connection =
        -1; // a name may have several addresses: the first to answer
    for (struct addrinfo *there = found; there; there = there->ai_next) {
        connection = socket(there->ai_family, SOCK_STREAM, 0);
        if (connection == -1)
            err(1, "socket");
        if (connect(connection, there->ai_addr, there->ai_addrlen) == 0)
            break;
        if (!there->ai_next)
            err(1, "connect %s port %s", argv[1], argv[2]);
        close(connection);
    }
    freeaddrinfo(found);

    signal(SIGPIPE, SIG_IGN); // a receiver that is gone: an error, not the end
    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        struct reading r = reading_sample(seq);
        send_reading(connection, &r);
    }
    struct reading end = {.kind = READING_END, .seq = (uint32_t)count};
    send_reading(connection, &end);

    close(connection); // END, and then end of file
    return 0;
}
