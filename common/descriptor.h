/*
 * common/descriptor.h -- pass a descriptor to another process, over a local
 *                     socket: SCM_RIGHTS, see unix(7) and cmsg(3).
 *
 * Define _GNU_SOURCE before the first #include: MSG_CMSG_CLOEXEC.
 */
#ifndef COMMON_DESCRIPTOR_H
#define COMMON_DESCRIPTOR_H

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

union descriptor_control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

// A message has to have a byte; it says nothing. 0, or -1 and errno.
static inline int descriptor_send(int connection, int fd)
{
    char byte = 0;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    union descriptor_control control = {.header = {
                                            .cmsg_len = CMSG_LEN(sizeof fd),
                                            .cmsg_level = SOL_SOCKET,
                                            .cmsg_type = SCM_RIGHTS,
                                        }};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};

    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    return sendmsg(connection, &message, MSG_NOSIGNAL) == -1 ? -1 : 0;
}

// Returns another descriptor of the same open file, a number of this process;
// or -1 and errno, EBADMSG if the message has none.
static inline int descriptor_receive(int connection)
{
    char byte;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    union descriptor_control control;
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};

    ssize_t n = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
    if (n == -1)
        return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (n == 0 || !header || header->cmsg_level != SOL_SOCKET ||
        header->cmsg_type != SCM_RIGHTS) {
        errno = EBADMSG;
        return -1;
    }
    int fd;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

#endif
