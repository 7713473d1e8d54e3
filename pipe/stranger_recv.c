/*
 * pipe/stranger_recv.c -- read from a pipe that an unrelated process has made.
 *
 * Shows:   A descriptor is a number that means something in one process only.
 *          A local socket can carry the descriptor itself (SCM_RIGHTS): the
 *          kernel gives the receiver one of its own for the same pipe end.
 *          --proc opens the sender's descriptor by its name in /proc instead.
 *
 * Run:     terminal 1 $ build/pipe/stranger_recv socket
 *          terminal 2 $ build/pipe/stranger_send socket 3
 *
 * Prints:  ready on socket
 *          descriptor 100 of process <pid> is descriptor <5> here
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          3 of 3 readings arrived
 *
 * Read:    unix(7), socket(2), bind(2), listen(2), accept(2), getsockopt(2),
 *          recvmsg(2), cmsg(3), proc(5), open(2), read(2)
 */
#define _GNU_SOURCE // struct ucred
#include <err.h>
#include <fcntl.h>
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

#define SENDER_TIMEOUT_S 2 // once it has connected

static struct sockaddr_un here = {.sun_family = AF_UNIX};

static void remove_socket(void)
{
    unlink(here.sun_path);
}

// Receive the number that a descriptor has in the sender, and the descriptor
// itself, with the number that it has here; -1 if none came along.
// NOLINTNEXTLINE(readability-non-const-parameter): recvmsg writes there
static int receive_descriptor(int connection, int *number)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    struct iovec data = {number, sizeof *number};
    struct msghdr message = {
        .msg_iov = &data,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    set_alarm(SENDER_TIMEOUT_S);
    ssize_t n = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
    set_alarm(0);
    if (n == -1)
        err(1, "recvmsg");
    if (n != sizeof *number)
        errx(1, "the sender left without a descriptor");

    int descriptor = -1;
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    if (rights && rights->cmsg_type == SCM_RIGHTS &&
        rights->cmsg_len == CMSG_LEN(sizeof descriptor))
        memcpy(&descriptor, CMSG_DATA(rights), sizeof descriptor);
    return descriptor;
}

static void read_readings(int from)
{
    struct reading_wire wire;
    uint32_t arrived = 0;
    ssize_t n;

    do {
        n = read(from, &wire, sizeof wire);
        if (n == -1)
            err(1, "read from descriptor %d", from);
        if (n == 0)
            errx(1, "the sender left without END, after %" PRIu32 " readings",
                 arrived);
    } while (reading_report(&wire, (size_t)n, &arrived));
}

int main(int argc, char *argv[])
{
    program_start();
    int proc = 0;
    const struct option flags[] = {{"proc", no_argument, &proc, 1}, {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 1 ||
        strlen(argv[optind]) >= sizeof here.sun_path)
        return usage(argc, argv, "stranger_recv [--proc] SOCKET");
    memcpy(here.sun_path, argv[optind], strlen(argv[optind]));

    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listener == -1)
        err(1, "socket");
    block_termination();
    if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1)
        err(1, "bind %s: if no receiver is running, remove it", here.sun_path);
    on_termination(remove_socket);
    if (listen(listener, 1) == -1)
        err(1, "listen");
    program_ready("ready on %s\n", here.sun_path);
    int connection = accept(listener, NULL, NULL);
    if (connection == -1)
        err(1, "accept");
    if (unlink(here.sun_path) == -1) // no second sender is served
        err(1, "unlink %s", here.sun_path);

    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1)
        err(1, "getsockopt SO_PEERCRED");
    int number = -1;
    int descriptor = receive_descriptor(connection, &number);
    if (proc) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/fd/%d", peer.pid, number);
        descriptor = open(path, O_RDONLY);
        if (descriptor == -1)
            err(1, "open %s", path);
    }
    if (descriptor == -1) // try the sender's number, which means nothing here
        descriptor = number;
    struct stat file;
    if (fstat(descriptor, &file) == -1)
        err(1, "descriptor %d", descriptor);
    if (!S_ISFIFO(file.st_mode)) // the sender can send any descriptor
        errx(1, "descriptor %d: not a pipe", descriptor);
    printf("descriptor %d of process %d is descriptor %d here\n", number,
           peer.pid, descriptor);
    if (close(connection) == -1) // the sender may close its own copy now
        err(1, "close");

    read_readings(descriptor);
    return 0;
}
