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
#include <stdio.h>
#include <sys/socket.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "datagram_socket.h"

#define REMARK_MAX 8 // bytes

struct remark_wire {
    struct reading_wire reading;
    char text[REMARK_MAX]; // as much of it as the datagram has, and no NUL
} __attribute__((packed));

// Anyone who can send can send anything: no commands to the terminal.
static void print_remark(const struct reading *r, const char *text,
                         size_t length)
{
    printf("%s #%" PRIu32 " %.1f C: ", r->station, r->seq, r->tenths / 10.0);
    for (size_t i = 0; i < length; i++)
        putchar(iscntrl((unsigned char)text[i]) ? '?' : text[i]);
    putchar('\n');
}

int main(int argc, char *argv[])
{
    program_start();
    int no_trunc = 0;
    const struct option flags[] = {{"no-trunc", no_argument, &no_trunc, 1},
                                   {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 2 ||
        !is_port(argv[optind + 1]))
        return usage(argc, argv, "varlen_recv [--no-trunc] ADDRESS PORT");

    int sock = bound_socket(argv[optind], argv[optind + 1]);
    if (sock == -1)
        return 1;
    program_ready("ready on %s\n", address_bound(sock).text);
    if (set_recv_timeout_after_first(sock) == -1)
        err(1, "recv");

    struct reading r = {0};
    for (uint32_t arrived = 0; r.kind != READING_END;) {
        struct remark_wire wire;

        ssize_t n = recv(sock, &wire, sizeof wire, no_trunc ? 0 : MSG_TRUNC);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1 && errno == EAGAIN)
            errx(1, "nothing came for %d s: END must be lost", RECV_TIMEOUT_S);
        if (n == -1)
            err(1, "recv");

        ssize_t length = n - (ssize_t)sizeof wire.reading;
        if (n > (ssize_t)sizeof wire)
            printf("skipped %zd bytes: there is room for %zu\n", n,
                   sizeof wire);
        else if (length < 0 ||
                 !reading_decode(&r, &wire.reading, sizeof wire.reading))
            printf("skipped %zd bytes: not a reading\n", n);
        else if (r.kind == READING_END)
            reading_count(&r, &arrived);
        else {
            print_remark(&r, wire.text, (size_t)length);
            arrived++;
        }
    }
    close(sock);
    return 0;
}
