/*
 * udp/loss_recv.c -- lose datagrams by being slow, and count them.
 *
 * Shows:   What arrives waits in the socket's receive buffer. When that is full
 *          the kernel drops what comes, and counts: SO_RXQ_OVFL adds the number
 *          to each datagram. --rcvbuf BYTES asks for another buffer: a bigger
 *          one loses later, but a slow receiver loses in the end.
 *
 * Run:     terminal 1 $ build/udp/loss_recv 127.0.0.1 9400
 *          terminal 2 $ build/udp/loss_send 127.0.0.1 9400 1000
 *
 * Prints:  ready on 127.0.0.1:9400
 *          the receive buffer has <212992> bytes
 *          #1 to #<256> arrived
 *          <...>
 *          <256> of <1001> datagrams arrived, the kernel dropped <745>
 *
 * Read:    socket(7), udp(7), recvmsg(2), cmsg(3), nanosleep(2)
 */
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "datagram_socket.h"

static long rcvbuf; // --rcvbuf; 0: as it is

static bool set_rcvbuf(int option, const char *text)
{
    (void)option;
    return parse_long(text, 1, 1L << 30, &rcvbuf);
}

// recvfrom, and how many datagrams the kernel had dropped when it queued this
// one. As long as that is none it does not mention it.
static ssize_t receive(int sock, struct reading_wire *wire,
                       struct sockaddr_storage *from, socklen_t *from_len,
                       uint32_t *dropped)
{
    struct iovec part = {.iov_base = wire, .iov_len = sizeof *wire};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof *dropped)];
    struct msghdr message = {
        .msg_name = from,
        .msg_namelen = sizeof *from,
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };

    ssize_t n = recvmsg(sock, &message, MSG_TRUNC);
    if (n == -1)
        return -1;
    *from_len = message.msg_namelen;
    struct cmsghdr *c = CMSG_FIRSTHDR(&message); // there is no other
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
        memcpy(dropped, CMSG_DATA(c), sizeof *dropped);
    return n;
}

// Have the kernel count, and ask for that buffer size, if it is not 0.
static void set_options(int sock, int size)
{
    const int yes = 1;
    socklen_t length = sizeof size;

    if (setsockopt(sock, SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof yes) == -1)
        err(1, "SO_RXQ_OVFL");
    if (size > 0 &&
        setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) == -1)
        err(1, "SO_RCVBUF");
    if (getsockopt(sock, SOL_SOCKET, SO_RCVBUF, &size, &length) == -1)
        err(1, "SO_RCVBUF");
    printf("the receive buffer has %d bytes\n", size);
}

// #*first to before #*next have come without a gap. Add r to them; if it is not
// the next one, print how far they went, and begin again with r.
static void extend_run(uint32_t *first, uint32_t *next, const struct reading *r)
{
    if (r->kind == READING_END || r->seq != *next) {
        if (*next > *first)
            printf("#%" PRIu32 " to #%" PRIu32 " arrived\n", *first, *next - 1);
        *first = r->seq;
    }
    *next = r->seq + 1;
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option options[] = {{"rcvbuf", required_argument, NULL, 'r'},
                                     {0}};
    if (!parse_option_values(argc, argv, options, set_rcvbuf) ||
        argc - optind != 2 || !is_port(argv[optind + 1]))
        return usage(argc, argv, "loss_recv [--rcvbuf BYTES] ADDRESS PORT");

    int sock = bound_socket(argv[optind], argv[optind + 1]);
    if (sock == -1)
        return 1;
    program_ready("ready on %s\n", address_bound(sock).text);
    set_options(sock, (int)rcvbuf);
    if (set_recv_timeout_after_first(sock) == -1)
        err(1, "recv");

    uint32_t arrived = 0, dropped = 0, first = 1, next = 1;
    struct reading r = {0};
    while (r.kind != READING_END) {
        struct reading_wire wire;
        struct sockaddr_storage from;
        socklen_t from_len;

        ssize_t n = receive(sock, &wire, &from, &from_len, &dropped);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1 && errno == EAGAIN)
            errx(1, "nothing came for %d s", RECV_TIMEOUT_S);
        if (n == -1)
            err(1, "recvmsg");
        if (!reading_decode(&r, &wire, (size_t)n)) {
            printf("skipped %zd bytes: not a reading\n", n);
            continue;
        }
        extend_run(&first, &next, &r);
        if (r.kind == READING_DATA) {
            arrived++;
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); // slow
        } else if (sendto(sock, &wire, sizeof wire, 0, // END has arrived
                          (struct sockaddr *)&from, from_len) == -1) {
            err(1, "sendto");
        }
    }
    printf("%" PRIu32 " of %" PRIu32
           " datagrams arrived, the kernel dropped %" PRIu32 "\n",
           arrived, r.seq, dropped);
    close(sock);
    return 0;
}
