/*
 * udp/stopwait_recv.c -- receive every reading once and in order, and say so.
 *
 * Shows:   An ACK for each reading. When an ACK is lost the reading comes
 *          again: it is a duplicate by its number, is discarded, and
 *          acknowledged once more. The last ACK can be lost as well, so the
 *          receiver stays for a while after END.
 *          --drop-ack LIST: loses the ACKs of those, on purpose.
 *          --no-ack: sends none.
 *
 * Run:     terminal 1 $ build/udp/stopwait_recv --drop-ack 4 127.0.0.1 9400
 *          terminal 2 $ build/udp/stopwait_send --drop 2 127.0.0.1 9400 4
 *
 * Prints:  ready on 127.0.0.1:9400
 *          -------> oslo #1 -3.2 C
 *          <------- ACK #1
 *          -------> oslo #2 -3.1 C
 *          <------- ACK #2
 *          -------> oslo #3 -3.0 C
 *          <------- ACK #3
 *          -------> oslo #4 -2.9 C
 *            X----- ACK #4 dropped
 *          -------> #4 again: discarded
 *          <------- ACK #4
 *          -------> 4 of 4 readings arrived
 *          <------- ACK END
 *
 * Read:    recvfrom(2), sendto(2), socket(7); RFC 1123, section 4.2.3.1
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../common/program.h"
#include "datagram_socket.h"
#include "stopwait.h"

static int sock;
static struct number_list drop_ack;    // --drop-ack
static int no_ack;                     // --no-ack
static struct sockaddr_storage sender; // of the first reading
static socklen_t sender_len;
static uint32_t arrived;
static bool ended; // END has come

static bool set_drop_ack(int option, const char *text)
{
    (void)option;
    return number_list_parse(&drop_ack, text);
}

// Step 2: acknowledge a reading; --drop-ack loses some of the ACKs
static void send_ack(const struct reading *r)
{
    const struct ack_wire ack = {(uint8_t)r->kind, htonl(r->seq)};
    const bool lost = number_list_remove(&drop_ack, sequence_of(r));

    printf(lost ? "  X----- ACK %s dropped\n" : "<------- ACK %s\n",
           name_of(r).text);
    if (!lost && sendto(sock, &ack, sizeof ack, 0, (struct sockaddr *)&sender,
                        sender_len) == -1)
        err(1, "sendto");
}

// Step 3: take a reading of our sender: the next one, an earlier, a later one
static void take(const struct reading *r)
{
    const long sequence = sequence_of(r), expected = (long)arrived + 1 + ended;
    const struct timeval dally = {.tv_usec = DALLY_US};

    if (sequence == expected) {
        printf("-------> ");
        ended = !reading_count(r, &arrived);
        if (ended && setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &dally,
                                sizeof dally) == -1)
            err(1, "SO_RCVTIMEO");
    } else {
        printf("-------> %s %s: discarded\n", name_of(r).text,
               sequence < expected ? "again" : "too early");
    }
    if (sequence <= expected && !no_ack)
        send_ack(r);
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option options[] = {
        {"drop-ack", required_argument, NULL, 'd'},
        {"no-ack", no_argument, &no_ack, 1},
        {0},
    };
    if (!parse_option_values(argc, argv, options, set_drop_ack) ||
        argc - optind != 2 || !is_port(argv[optind + 1]))
        return usage(argc, argv,
                     "stopwait_recv [--drop-ack LIST] [--no-ack] "
                     "ADDRESS PORT");

    // Step 1: make a socket of that address, and say ready
    sock = bound_socket(argv[optind], argv[optind + 1]);
    if (sock == -1)
        return 1;
    program_ready("ready on %s\n", address_bound(sock).text);

    // Step 4: wait for the first, then receive until some time after END
    if (set_recv_timeout_after_first(sock) == -1)
        err(1, "recv");
    for (;;) {
        struct reading_wire wire;
        struct sockaddr_storage from;
        socklen_t from_len = sizeof from;
        struct reading r;

        ssize_t n = recvfrom(sock, &wire, sizeof wire, MSG_TRUNC,
                             (struct sockaddr *)&from, &from_len);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1 && errno == EAGAIN)
            break; // no more has come for long enough
        if (n == -1)
            err(1, "recvfrom");
        if (!reading_decode(&r, &wire, (size_t)n)) {
            printf("-------> skipped %zd bytes: not a reading\n", n);
            continue;
        }
        if (sender_len == 0) {
            sender = from;
            sender_len = from_len;
        }
        if (address_same(&from, &sender))
            take(&r);
        else
            printf("-------> %s of another sender: discarded\n",
                   name_of(&r).text);
    }
    if (!ended)
        errx(1, "#%" PRIu32 " did not come within %d s", arrived + 1,
             RECV_TIMEOUT_S);
    close(sock);
    return 0;
}
