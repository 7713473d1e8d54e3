/*
 * udp/radio_player/main.c -- listen to a channel, through any decoder.
 *
 * Shows:   A receiver that cannot slow the sender down must decide what to
 *          lose. The pipe to the decoder does not block; when it is full, whole
 *          packets are left out, and the decoder goes on with the newest. What
 *          the decoder prints is stdout; what the player prints is stderr.
 *
 * Run:     $ build/udp/radio_player 239.0.0.1 9400 lo -- cksum
 *          $ build/udp/radio_server --once --raw 40 239.0.0.1 9400 lo build/tcp
 *
 * Prints:  ready on 0.0.0.0:9400, in 239.0.0.1 on lo
 *          1 www: cksum begins
 *          1 www: has ended
 *          <sum> <bytes>
 *          packets: <n> played, 0 lost, 0 dropped, 0 late, 0 foreign; gaps: 0
 *
 * Read:    ip(7), ipv6(7), pipe(7), poll(2), signalfd(2), recvfrom(2), write(2)
 */
#define _GNU_SOURCE // decoder.h
#include <stdio.h>

#include "../../common/address.h"
#include "../../common/program.h"
#include "../../common/termination.h"
#include "group.h"
#include "player.h"
#include "settings.h"

int main(int argc, char *argv[])
{
    program_start();
    static struct player player;
    if (!settings_parse(&player.settings, argc, argv))
        return usage(argc, argv, settings_synopsis);
    char **operands = argv + optind;
    int status = 0;

    events_open_signals(&player);
    for (int i = STATION; i < WATCHED; i++)
        player.watched[i].fd = -1; // poll passes over those
    const int sock = group_join(operands[0], operands[1], operands[2]);
    player.watched[STATION] = (struct pollfd){.fd = sock, .events = POLLIN};
    fprintf(stderr, "ready on %s, in %s on %s\n", address_bound(sock).text,
            operands[0], operands[2]);

    station_find(&player);
    if (player.ended_by == 0 && !player.settings.list)
        status = play(&player, operands + 4);
    else if (player.ended_by == 0)
        for (int i = 0; i < player.list.count; i++)
            printf("%d %s\n", player.list.entries[i].channel,
                   player.list.entries[i].name);

    unblock_termination();
    if (player.ended_by != 0)
        reraise(player.ended_by);
    return status;
}
