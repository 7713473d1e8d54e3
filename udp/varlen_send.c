/*
 * udp/varlen_send.c -- send readings with a remark of any length.
 *
 * Shows:   sendmsg gathers one datagram from several places, each with its own
 *          length: the remark need not be copied behind the reading first.
 *          65507 bytes is the most that IPv4 carries: more is EMSGSIZE.
 *
 * Run:     start udp/varlen_recv.c first; its header has both commands
 *
 * Read:    sendmsg(2), socket(2), udp(7)
 */
#include <err.h>
#include <netdb.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "datagram_socket.h"

static void send_remark(int sock, const struct addrinfo *to,
                        const struct reading *r, char *text)
{
    struct reading_wire wire = reading_encode(r);
    struct iovec parts[] = {
        {.iov_base = &wire, .iov_len = sizeof wire},
        {.iov_base = text, .iov_len = strlen(text)},
    };
    const struct msghdr message = {
        .msg_name = to->ai_addr,
        .msg_namelen = to->ai_addrlen,
        .msg_iov = parts,
        .msg_iovlen = 2,
    };

    if (sendmsg(sock, &message, 0) == -1)
        err(1, "sendmsg of %zu bytes", sizeof wire + strlen(text));
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc < 4 || !is_port(argv[2]))
        return usage(argc, argv, "varlen_send ADDRESS PORT REMARK...");

    struct addrinfo *there = find_address(argv[1], argv[2], 0);
    if (!there)
        return 1;
    int sock = socket(there->ai_family, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");

    uint32_t count = 0;
    for (int i = 3; i < argc; i++) {
        struct reading r = reading_sample(++count);
        send_remark(sock, there, &r, argv[i]);
    }

    struct reading end = {.kind = READING_END, .seq = count};
    send_remark(sock, there, &end, "");

    freeaddrinfo(there);
    close(sock);
    return 0;
}
