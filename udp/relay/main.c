/*
 * udp/relay/main.c -- a bad network between two UDP programs, on purpose.
 *
 * Shows:   What can happen to a datagram on its way: lost, duplicated,
 *          reordered, late, corrupted. The relay draws it from a seed, so that
 *          the same happens again to the same session, and says so in a line
 *          for each. Send to the relay what is meant for the receiver; here
 *          there is none.
 *
 * Run:     $ build/udp/relay --loss 30 --idle 200 127.0.0.1 9401 127.0.0.1 9400
 *          $ build/udp/basic_send 127.0.0.1 9401 5
 *
 * Prints:  ready on 127.0.0.1:9401
 *          1   is 127.0.0.1:<port>
 *          1      #1 ------->          17 bytes
 *          1      #2 --X               17 bytes: lost
 *          1      #3 ------->          17 bytes
 *          1      #4 ------->          17 bytes
 *          1      #5 --X               17 bytes: lost
 *          1      #6 ------->          17 bytes
 *          there: 6 received, 2 lost
 *          back: 0 received
 *
 * Read:    udp(7), socket(7), recvmsg(2), sendto(2); RFC 1071
 */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/address.h"
#include "../../common/clock.h"
#include "../../common/program.h"
#include "../../common/termination.h"
#include "relay.h"

static struct relay relay;
static volatile sig_atomic_t ended_by;

static void note_signal(int number)
{
    ended_by = number;
}

// The address that these operands mean; ends with an error if there is none.
static struct addrinfo *find(char *operands[], int flags)
{
    struct addrinfo *found;

    int error =
        address_find(operands[0], operands[1], SOCK_DGRAM, flags, &found);
    if (error != 0)
        errx(1, "%s port %s: %s", operands[0], operands[1],
             gai_strerror(error));
    return found;
}

// Relay until nothing has come for a while, or a signal has.
static void run(void)
{
    while (!ended_by) {
        const int64_t now = clock_us();
        int64_t next = send_due(&relay, now);

        if (relay.first_rx != 0) {
            const int64_t end = relay.last_rx + relay.settings.idle_us;
            if (end <= now)
                return;
            next = end < next ? end : next;
        }
        receive_until(&relay, next);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    if (!settings_parse(&relay.settings, argc, argv) || argc - optind != 4 ||
        !is_port(argv[optind + 1]) || !is_port(argv[optind + 3]))
        return usage(argc, argv, settings_synopsis);

    struct addrinfo *here = find(argv + optind, AI_PASSIVE);
    struct addrinfo *there = find(argv + optind + 2, 0);
    struct sessions *all = &relay.sessions;
    all->called.sock = session_socket(here->ai_family);
    if (all->called.sock == -1)
        err(1, "socket");
    if (bind(all->called.sock, here->ai_addr, here->ai_addrlen) == -1)
        err(1, "bind %s port %s%s", argv[optind], argv[optind + 1],
            bind_advice(errno));
    memcpy(&all->called.server, there->ai_addr, there->ai_addrlen);
    all->server_len = there->ai_addrlen;
    all->client_len = here->ai_addrlen;
    freeaddrinfo(here);
    freeaddrinfo(there);

    block_termination(); // let in while we wait: poll_signals_first.h
    handle_termination(note_signal);
    program_ready("ready on %s\n", address_bound(all->called.sock).text);
    run();
    unblock_termination();
    print_totals(relay.totals);

    sessions_end(all, &relay.queue);
    while (relay.queue.count > 0)
        free(delay_queue_take(&relay.queue));
    close(all->called.sock);
    if (ended_by)
        reraise(ended_by);
    return relay.totals[THERE][SEND_FAILED] > 0 ||
           relay.totals[BACK][SEND_FAILED] > 0;
}
