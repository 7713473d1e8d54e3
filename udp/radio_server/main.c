/*
 * udp/radio_server/main.c -- a radio station: each folder is a channel.
 *
 * Shows:   Sending at the pace at which it is played, without any feedback:
 *          listeners do not answer, and cannot hold the sender back. So a token
 *          bucket does, by the clock. It sends once, however many listeners
 *          there are; the network makes the copies.
 *
 * Run:     start udp/radio_player/main.c first; its header has both commands
 *
 * Prints:  1 www: on the air
 *          1 www: plays book.js
 *          <...>
 *          1 www: <number> packets, <bytes> bytes, <s> s of sound in <s> s
 *
 * Read:    clock_nanosleep(2), ip(7), ipv6(7), scandirat(3), send(2)
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "../../common/clock.h"
#include "../../common/program.h"
#include "../../common/termination.h"
#include "broadcast.h"
#include "channel.h"
#include "group.h"
#include "settings.h"

static volatile sig_atomic_t ended_by;

static void note_signal(int number)
{
    ended_by = number;
}

static void print_totals(const struct channel *c, int64_t passed_ns)
{
    printf("%d %s: %lu packets, %" PRIu64 " bytes, %.3f s of sound in "
           "%.3f s\n",
           c->number, c->name, c->packets, c->bytes, (double)c->played_ns / 1e9,
           (double)passed_ns / 1e9);
}

int main(int argc, char *argv[])
{
    program_start();
    static struct channels channels;
    struct settings settings;
    if (!settings_parse(&settings, argc, argv))
        return usage(argc, argv, settings_synopsis);

    char **operands = argv + optind;
    int sock =
        group_open(operands[0], operands[1], operands[2], (int)settings.ttl);
    channels_find(&channels, operands[3]);
    handle_termination(note_signal);
    const int64_t started = clock_ns();
    broadcast(sock, &channels, &settings, &ended_by);

    int status = 0;
    for (int i = 0; i < channels.count; i++) {
        print_totals(&channels.list[i], clock_ns() - started);
        channel_close(&channels.list[i]);
        status |= channels.list[i].failed;
    }
    close(sock);
    if (ended_by)
        reraise(ended_by);
    return status;
}
