/*
 * udp/local_recv.c -- receive readings over a local datagram socket.
 *
 * Shows:   The same calls with AF_UNIX: datagrams between processes of one
 *          host, addressed by a path, or by an abstract name: @weather. They
 *          are reliable and ordered: when the queue is full, the sender waits.
 *          --slow: takes a millisecond for each reading.
 *
 * Run:     terminal 1 $ build/udp/local_recv weather
 *          terminal 2 $ build/udp/local_send weather 3
 *
 * Prints:  ready on weather
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          3 of 3 readings arrived
 *
 * Read:    unix(7), socket(2), bind(2), recv(2), unlink(2), nanosleep(2)
 */
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../common/reading.h"
#include "../common/termination.h"
#include "local_address.h"

static struct local_address here;

static void remove_path(void)
{
    if (here.name.sun_path[0] != '\0')
        unlink(here.name.sun_path);
}

int main(int argc, char *argv[])
{
    program_start();
    int slow = 0;
    const struct option flags[] = {{"slow", no_argument, &slow, 1}, {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 1 ||
        !local_address(&here, argv[optind]))
        return usage(argc, argv, "local_recv [--slow] PATH|@NAME");

    int sock = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    local_remove_stale(&here);
    block_termination(); // until we know that the path is ours to remove
    if (bind(sock, (struct sockaddr *)&here.name, here.length) == -1)
        err(1, "bind %s", argv[optind]);
    on_termination(remove_path);

    program_ready("ready on %s\n", argv[optind]);
    if (set_recv_timeout_after_first(sock) == -1)
        err(1, "recv");

    uint32_t arrived = 0;
    for (bool more = true; more;) {
        struct reading_wire wire;

        ssize_t n = recv(sock, &wire, sizeof wire, MSG_TRUNC);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1 && errno == EAGAIN)
            errx(1, "nothing came for %d s", RECV_TIMEOUT_S);
        if (n == -1)
            err(1, "recv");
        if (slow)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        more = reading_report(&wire, (size_t)n, &arrived);
    }

    close(sock); // the path stays
    if (here.name.sun_path[0] != '\0' && unlink(here.name.sun_path) == -1)
        err(1, "unlink %s", argv[optind]);
    return 0;
}
