/*
 * tcp/local_server.c -- the same stream between processes of one host.
 *
 * Shows:   A local socket has a path instead of an address and a port. The
 *          calls stay, and one is new: SO_PEERCRED, by which the kernel itself
 *          says which process is at the other end, and whose it is. The path
 *          outlives the socket, so it is unlinked at the end, and at the start
 *          if no server answers there any more.
 *          --no-unlink: neither; so the next start fails, EADDRINUSE
 *
 * Run:     terminal 1 $ build/tcp/local_server socket
 *          terminal 2 $ build/tcp/local_client socket 3
 *
 * Prints:  ready on socket
 *          connection from process <pid> of user <uid>
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          3 of 3 readings arrived
 *
 * Read:    unix(7), socket(2), bind(2), connect(2), unlink(2), listen(2),
 *          accept(2), getsockopt(2), recv(2)
 */
#define _GNU_SOURCE // struct ucred
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "../common/termination.h"

static struct sockaddr_un here = {.sun_family = AF_UNIX};

static void unlink_path(void)
{
    unlink(here.sun_path);
}

// Whether the path is that of a socket which no process has any more: what a
// server leaves behind that was killed. A datagram socket can ask without being
// accepted: if a stream socket is there, connect fails with EPROTOTYPE.
static bool is_stale(void)
{
    struct stat about;
    int probe = socket(AF_UNIX, SOCK_DGRAM, 0);
    bool stale = lstat(here.sun_path, &about) == 0 && S_ISSOCK(about.st_mode) &&
                 connect(probe, (struct sockaddr *)&here, sizeof here) == -1 &&
                 errno == ECONNREFUSED;

    close(probe);
    return stale;
}

int main(int argc, char *argv[])
{
    program_start();
    int no_unlink = 0;
    const struct option flags[] = {
        {"no-unlink", no_argument, &no_unlink, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 1 ||
        strlen(argv[optind]) >= sizeof here.sun_path)
        return usage(argc, argv, "local_server [--no-unlink] PATH");
    memcpy(here.sun_path, argv[optind], strlen(argv[optind]));

    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listener == -1)
        err(1, "socket");
    block_termination();
    if (!no_unlink && is_stale())
        unlink(here.sun_path);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1)
        err(1, "bind %s", here.sun_path);
    if (no_unlink)
        unblock_termination();
    else
        on_termination(unlink_path);
    if (listen(listener, 1) == -1)
        err(1, "listen");
    program_ready("ready on %s\n", here.sun_path);

    int connection = accept(listener, NULL, NULL); // the client has no path
    if (connection == -1)
        err(1, "accept");
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) == -1)
        err(1, "getsockopt");
    printf("connection from process %d of user %u\n", peer.pid, peer.uid);

    struct reading_wire wire;
    uint32_t arrived = 0;
    ssize_t n;
    do {
        n = recv(connection, &wire, sizeof wire, MSG_WAITALL);
        if (n == -1)
            err(1, "recv");
        if (n == 0)
            errx(1, "end of file, END is missing");
    } while (reading_report(&wire, (size_t)n, &arrived));
    return 0;
}
