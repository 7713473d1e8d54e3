/*
 * tcp/basic_send.c -- send weather readings over a connection.
 *
 * Shows:   connect makes the connection, or fails at once where no socket
 *          listens. From then on the kernel numbers, acknowledges, repeats and
 *          paces the bytes: a send that succeeds has put them into the send
 *          buffer, no more; when a slow reader has let it fill up, send blocks.
 *
 * Run:     start tcp/basic_recv.c first; its header has both commands
 *
 * Read:    tcp(7), getaddrinfo(3), socket(2), connect(2), send(2), close(2)
 */
#include <err.h>
#include <netdb.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/address.h"
#include "../common/program.h"
#include "../common/reading.h"

int main(int argc, char *argv[])
{
    program_start();
    long count;
    if (!parse_flags(argc, argv, NULL) || argc - optind != 3 ||
        !is_port(argv[optind + 1]) ||
        !parse_long(argv[optind + 2], 0, 1000000, &count))
        return usage(argc, argv, "basic_send ADDRESS PORT COUNT");
    char *host = argv[optind], *port = argv[optind + 1];

    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int error = getaddrinfo(host, port, &hints, &found);
    if (error != 0)
        errx(1, "%s port %s: %s", host, port, gai_strerror(error));

    // A name may have several addresses: the first one that answers.
    int connection = -1;
    for (struct addrinfo *there = found; there; there = there->ai_next) {
        connection = socket(there->ai_family, SOCK_STREAM, 0);
        if (connection == -1)
            err(1, "socket");
        if (connect(connection, there->ai_addr, there->ai_addrlen) == 0)
            break;
        if (!there->ai_next)
            err(1, "connect to %s port %s", host, port);
        close(connection);
    }
    freeaddrinfo(found);

    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        struct reading r = reading_or_end(seq, (uint32_t)count);
        struct reading_wire wire = reading_encode(&r);

        // MSG_NOSIGNAL: a receiver that has closed is an error, EPIPE, and not
        // a signal that ends this program.
        if (send(connection, &wire, sizeof wire, MSG_NOSIGNAL) == -1)
            err(1, "send");
    }

    close(connection); // END, and then end of file
    return 0;
}
