/*
 * udp/varlen_recv.c -- receive readings with a remark of any length.
 *
 * Shows:   A datagram brings its own length, so a message may end in text that
 *          is as long as it is, without a field that says how long. What the
 *          buffer has no room for is cut off and gone. Only MSG_TRUNC tells.
 *          --no-trunc: does not ask, and takes what was cut for whole.
 *
 * Run:     terminal 1 $ build/udp/varlen_recv 127.0.0.1 9400
 *          terminal 2 $ build/udp/varlen_send 127.0.0.1 9400 calm 'heavy snow'
 *
 * Prints:  ready on 127.0.0.1:9400
 *          oslo #1 -3.2 C: calm
 *          skipped 27 bytes: there is room for 25
 *          1 of 2 readings arrived
 *
 * Read:    recv(2), udp(7)
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/address.h"
#include "../common/program.h"
#include "../common/reading.h"
#include "recv_timeout.h"

#define ROOM 8 // for the remark, in bytes

struct remark_wire {
    struct reading_wire reading;
    char text[ROOM]; // as much of it as the datagram has, and no NUL
} __attribute__((packed));

// Whoever can send can send anything: no commands to the terminal.
static void print_text(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        putchar(iscntrl((unsigned char)text[i]) ? '?' : text[i]);
    putchar('\n');
}

int main(int argc, char *argv[])
{
    program_start();
    int no_trunc = 0;
    const struct option flags[] = {
        {"no-trunc", no_argument, &no_trunc, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind != 2)
        return usage(argc, argv, "varlen_recv [--no-trunc] ADDRESS PORT");
    const char *host = argv[optind], *port = argv[optind + 1];

    struct addrinfo *here;
    int error = address_find(host, port, SOCK_DGRAM, AI_PASSIVE, &here);
    if (error != 0)
        errx(1, "%s port %s: %s", host, port, gai_strerror(error));
    int sock = socket(here->ai_family, SOCK_DGRAM, 0);
    if (sock == -1)
        err(1, "socket");
    if (bind(sock, here->ai_addr, here->ai_addrlen) == -1)
        err(1, "bind %s port %s", host, port);
    freeaddrinfo(here);

    printf("ready on %s\n", address_bound(sock).text);
    if (set_recv_timeout_after_first(sock) == -1)
        err(1, "recv");

    for (uint32_t arrived = 0;;) {
        struct remark_wire remark;
        struct reading r;

        ssize_t n =
            recv(sock, &remark, sizeof remark, no_trunc ? 0 : MSG_TRUNC);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1 && errno == EAGAIN)
            errx(1, "nothing came for %d s: END must be lost", RECV_TIMEOUT_S);
        if (n == -1)
            err(1, "recv");

        size_t length = (size_t)n - sizeof remark.reading;
        if ((size_t)n > sizeof remark) {
            printf("skipped %zd bytes: there is room for %zu\n", n,
                   sizeof remark);
        } else if ((size_t)n < sizeof remark.reading ||
                   !reading_decode(&r, &remark.reading,
                                   sizeof remark.reading)) {
            printf("skipped %zd bytes: not a reading\n", n);
        } else if (r.kind == READING_END) {
            printf("%" PRIu32 " of %" PRIu32 " readings arrived\n", arrived,
                   r.seq);
            break;
        } else {
            printf("%s #%" PRIu32 " %.1f C: ", r.station, r.seq,
                   r.tenths / 10.0);
            print_text(remark.text, length);
            arrived++;
        }
    }
    close(sock);
    return 0;
}
