/*
 * tcp/local_client.c -- send weather readings over a local socket.
 *
 * Shows:   Connecting takes write permission for the path, as for a file: who
 *          may come is a matter of its mode, owner and folder. There is no
 *          network between the ends: a send copies into the receiver's queue.
 *
 * Run:     start tcp/local_server.c first; its header has both commands
 *
 * Read:    unix(7), socket(2), connect(2), send(2), close(2)
 */
#include <err.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"

int main(int argc, char *argv[])
{
    program_start();
    struct sockaddr_un there = {.sun_family = AF_UNIX};
    long count;
    if (!parse_flags(argc, argv, NULL) || argc - optind != 2 ||
        strlen(argv[optind]) >= sizeof there.sun_path ||
        !parse_long(argv[optind + 1], 0, 1000000, &count))
        return usage(argc, argv, "local_client PATH COUNT");
    memcpy(there.sun_path, argv[optind], strlen(argv[optind]));

    int connection = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connection == -1)
        err(1, "socket");
    if (connect(connection, (struct sockaddr *)&there, sizeof there) == -1)
        err(1, "connect to %s", there.sun_path);

    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        struct reading r = reading_or_end(seq, (uint32_t)count);
        struct reading_wire wire = reading_encode(&r);
        if (send(connection, &wire, sizeof wire, MSG_NOSIGNAL) == -1)
            err(1, "send");
    }

    close(connection);
    return 0;
}
