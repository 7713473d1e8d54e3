/*
 * udp/stopwait_recv.c -- receive every reading once and in order, and say so.
 *
 * Shows:   An ACK for each reading. When an ACK is lost the reading comes
 *          again: it is thrown away by its number, and acknowledged once more.
 *          The last ACK can be lost as well, so the receiver lingers after END.
 *          --drop-ack LIST: loses the ACKs of those, on purpose.
 *          --no-ack: says nothing.
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
 *          -------> #4 again: thrown away
 *          <------- ACK #4
 *          -------> 4 of 4 readings arrived
 *          <------- ACK END
 *
 * Read:    recvfrom(2), sendto(2), socket(7); RFC 1123, section 4.2.3.1
 */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../common/address.h"
#include "../common/program.h"
#include "../common/reading.h"
#include "number_list.h"
#include "recv_timeout.h"
#include "stopwait.h"

static struct number_list drop_ack; // --drop-ack

static void send_ack(int sock, const struct sockaddr_storage *to,
                     socklen_t to_len, const struct reading *r)
{
    const struct ack_wire ack = {(uint8_t)r->kind, htonl(r->seq)};
    const bool lost = number_list_remove(&drop_ack, place_of(r));

    printf(lost ? "  X----- ACK %s dropped\n" : "<------- ACK %s\n",
           name_of(r).text);
    if (!lost && sendto(sock, &ack, sizeof ack, 0, (const struct sockaddr *)to,
                        to_len) == -1)
        err(1, "sendto");
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] =
        "stopwait_recv [--drop-ack LIST] [--no-ack] ADDRESS PORT";
    int no_ack = 0, option;
    const struct option options[] = {
        {"drop-ack", required_argument, NULL, 'd'},
        {"no-ack", no_argument, &no_ack, 1},
        {0},
    };
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option != 0 &&
            (option != 'd' || !number_list_parse(&drop_ack, optarg)))
            return usage(argc, argv, synopsis);
    if (argc - optind != 2)
        return usage(argc, argv, synopsis);
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

    const struct timeval linger = {.tv_usec = LINGER};
    struct sockaddr_storage sender = {0}; // the first that sends a reading
    uint32_t arrived = 0;
    bool ended = false;
    for (;;) {
        struct reading_wire wire;
        struct reading r;
        struct sockaddr_storage from;
        socklen_t from_len = sizeof from;

        ssize_t n = recvfrom(sock, &wire, sizeof wire, MSG_TRUNC,
                             (struct sockaddr *)&from, &from_len);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1 && errno == EAGAIN && ended)
            break;
        if (n == -1 && errno == EAGAIN)
            errx(1, "#%" PRIu32 " did not come within %d s", arrived + 1,
                 RECV_TIMEOUT_S);
        if (n == -1)
            err(1, "recvfrom");

        if (!reading_decode(&r, &wire, (size_t)n)) {
            printf("-------> skipped %zd bytes: not a reading\n", n);
            continue;
        }
        if (sender.ss_family == 0)
            sender = from;
        if (!address_same(&from, &sender)) {
            printf("-------> a stranger's %s: thrown away\n", name_of(&r).text);
            continue;
        }

        const long place = place_of(&r), expected = (long)arrived + 1 + ended;
        if (place == expected) {
            printf("-------> ");
            ended = !reading_report(&wire, (size_t)n, &arrived);
            if (ended && setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &linger,
                                    sizeof linger) == -1)
                err(1, "SO_RCVTIMEO");
        } else {
            printf("-------> %s %s: thrown away\n", name_of(&r).text,
                   place < expected ? "again" : "too early");
        }
        if (place <= expected && !no_ack)
            send_ack(sock, &from, from_len, &r);
    }
    close(sock);
    return 0;
}
