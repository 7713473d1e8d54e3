/*
 * pipe/stranger_send.c -- hand the read end of a pipe to an unrelated process.
 *
 * Shows:   The pipe has no name and the receiver is no child. sendmsg(2) passes
 *          the descriptor as SCM_RIGHTS, beside the bytes of the message.
 *          --number sends the number alone.
 *
 * Run:     start pipe/stranger_recv.c first; its header has both commands
 *
 * Read:    unix(7), pipe2(2), fcntl(2), socket(2), connect(2), sendmsg(2),
 *          cmsg(3), read(2), write(2), close(2)
 */
#define _GNU_SOURCE // pipe2
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "../common/termination.h"

// Send the number of a descriptor; with the descriptor itself, or without it.
static void send_descriptor(int connection, int descriptor, bool number_only)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof descriptor)] = "";
    struct iovec data = {&descriptor, sizeof descriptor};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};

    if (!number_only) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    }
    if (sendmsg(connection, &message, 0) == -1)
        err(1, "sendmsg");
}

int main(int argc, char *argv[])
{
    program_start();
    int number_only = 0;
    const struct option flags[] = {{"number", no_argument, &number_only, 1},
                                   {0}};
    struct sockaddr_un there = {.sun_family = AF_UNIX};
    long count;
    if (!parse_flags(argc, argv, flags) || argc - optind != 2 ||
        strlen(argv[optind]) >= sizeof there.sun_path ||
        !parse_long(argv[optind + 1], 0, 1000000, &count))
        return usage(argc, argv, "stranger_send [--number] SOCKET COUNT");
    memcpy(there.sun_path, argv[optind], strlen(argv[optind]));

    signal(SIGPIPE, SIG_IGN); // write fails with EPIPE instead
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection == -1 ||
        connect(connection, (struct sockaddr *)&there, sizeof there) == -1)
        err(1, "connect %s: is the receiver running?", there.sun_path);

    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == -1)
        err(1, "pipe2");
    // 100 or higher: a number that is not in use in the receiver.
    int descriptor = fcntl(ends[0], F_DUPFD_CLOEXEC, 100);
    if (descriptor == -1)
        err(1, "fcntl F_DUPFD_CLOEXEC");
    send_descriptor(connection, descriptor, number_only);

    char byte;    // end of file: the receiver has it
    set_alarm(2); // SIGALRM: read fails with EINTR after 2 s
    if (read(connection, &byte, 1) == -1)
        err(1, "waited for the receiver");
    set_alarm(0);
    if (close(descriptor) == -1 || close(ends[0]) == -1)
        err(1, "close"); // or the pipe would have a reader that never reads

    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        struct reading r = reading_or_end(seq, (uint32_t)count);
        struct reading_wire wire = reading_encode(&r);
        if (write(ends[1], &wire, sizeof wire) == -1)
            err(1, "write");
    }
    return 0;
}
