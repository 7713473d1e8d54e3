/*
 * udp/stopwait_send.c -- send each reading until it is acknowledged.
 *
 * Shows:   Stop and wait: one reading is in flight at a time, with a number.
 *          If no ACK comes in time it is sent again; the timeout follows from
 *          the round trips so far: udp/rto.h. So the sender is never faster
 *          than the receiver, and what is lost is retransmitted.
 *          --drop LIST: loses those, on purpose.
 *          --no-timer: waits for the ACK, and for nothing else.
 *
 * Run:     start udp/stopwait_recv.c first; its header has both commands
 *
 * Prints:  #1   ------->
 *               <------- ACK #1
 *          #2   --X dropped
 *               no answer in <300> ms
 *          #2   ------->
 *               <------- ACK #2
 *          #3   ------->
 *               <------- ACK #3
 *          #4   ------->
 *               no answer in <300> ms
 *          #4   ------->
 *               <------- ACK #4
 *          END  ------->
 *               <------- ACK END
 *
 * Read:    send(2), poll(2), recv(2); RFC 6298
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
#include "datagram_socket.h"
#include "stopwait.h"

static struct number_list drop; // --drop
static int no_timer;            // --no-timer

static bool set_drop(int option, const char *text)
{
    (void)option;
    return number_list_parse(&drop, text);
}

// Step 2: whether the ACK of this reading comes before the deadline
// Late ourselves, we still look whether it is there. Another ACK is an old one
// that was delayed or duplicated: no reason to send again.
static bool acknowledged(int sock, const struct reading *r, int64_t deadline)
{
    for (;;) {
        const int64_t left = deadline - clock_us();
        struct pollfd readable = {.fd = sock, .events = POLLIN};
        struct ack_wire ack;

        int ready = poll(&readable, 1, left > 0 ? (int)(left / 1000) + 1 : 0);
        if (ready == 0)
            return false;
        if (ready == -1 && errno == EINTR)
            continue;
        if (ready == -1)
            err(1, "poll");
        ssize_t n = recv(sock, &ack, sizeof ack, MSG_TRUNC);
        if (n == -1)
            err(1, "recv");
        if (n == sizeof ack && ack.kind == r->kind && ntohl(ack.seq) == r->seq)
            return true;
    }
}

// Step 3: send it until it is acknowledged; give up if it never is
static void deliver(int sock, const struct reading *r, struct rto *rto)
{
    const struct reading_wire wire = reading_encode(r);
    const int64_t give_up = clock_us() + GIVE_UP_US;

    for (int times = 1; clock_us() < give_up; times++) {
        const int64_t sent = clock_us();

        if (number_list_remove(&drop, sequence_of(r))) {
            printf("%-4s --X dropped\n", name_of(r).text);
        } else {
            printf("%-4s ------->\n", name_of(r).text);
            if (send(sock, &wire, sizeof wire, 0) == -1)
                err(1, "send");
        }
        if (acknowledged(sock, r, no_timer ? give_up : sent + rto->timeout)) {
            rto_answered(rto, clock_us() - sent, times);
            printf("     <------- ACK %s\n", name_of(r).text);
            return;
        }
        if (!no_timer)
            printf("     no answer in %" PRId64 " ms\n", rto->timeout / 1000);
        rto_expired(rto);
    }
    errx(1, "no ACK of %s came within %d s", name_of(r).text,
         GIVE_UP_US / 1000000);
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option options[] = {
        {"drop", required_argument, NULL, 'd'},
        {"no-timer", no_argument, &no_timer, 1},
        {0},
    };
    long count;
    if (!parse_option_values(argc, argv, options, set_drop) ||
        argc - optind != 3 || !is_port(argv[optind + 1]) ||
        !parse_long(argv[optind + 2], 0, 1000000, &count))
        return usage(argc, argv,
                     "stopwait_send [--drop LIST] [--no-timer] "
                     "ADDRESS PORT COUNT");

    // Step 1: make a socket that is connected: no other host's ACK arrives, and
    // a closed port is reported
    int sock = connected_socket(argv[optind], argv[optind + 1]);
    if (sock == -1)
        return 1;

    // Step 4: all readings, and END
    struct rto rto = rto_start(RTO_MIN_US, RTO_MIN_US, RTO_MAX_US);
    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        const struct reading r = reading_or_end(seq, (uint32_t)count);
        deliver(sock, &r, &rto);
    }
    close(sock);
    return 0;
}
