/*
 * udp/radio_player/station.c -- packets: whose they are, and what is on the
 *                               air.
 */
#define _GNU_SOURCE // decoder.h
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../common/address.h"
#include "../../common/clock.h"
#include "player.h"

#define STATION_TIMEOUT_US 2000000 // four lists

// A station that was started again has another port, and numbers from 0 on. So
// when ours has sent nothing for a while, and another one has our channel in
// its list, that is our station now.
static bool is_back(struct player *p)
{
    struct radio_list list;

    if (p->channel.channel == 0 || p->header.channel != RADIO_LIST ||
        clock_us() - p->last_rx_us < STATION_TIMEOUT_US ||
        !radio_decode_list(p->packet.bytes, p->header.length, &list))
        return false;
    for (int i = 0; i < list.count; i++)
        if (list.entries[i].channel == p->channel.channel &&
            strcmp(list.entries[i].name, p->channel.name) == 0) {
            fprintf(stderr, "%d %s: the station is back\n", p->channel.channel,
                    p->channel.name);
            tuner_resync(&p->tuner);
            return true;
        }
    return false;
}

bool station_receive(struct player *p)
{
    struct sockaddr_storage from = {0};
    socklen_t length = sizeof from;

    if (p->watched[STATION].revents == 0)
        return false;
    ssize_t n = recvfrom(p->watched[STATION].fd, &p->packet, sizeof p->packet,
                         MSG_TRUNC, (struct sockaddr *)&from, &length);
    if (n == -1 && errno != EAGAIN && errno != EINTR)
        err(1, "recvfrom");
    if (n == -1)
        return false;
    if (!radio_decode(&p->packet, (size_t)n, &p->header) ||
        (p->list.count > 0 && !address_same(&from, &p->station) &&
         !is_back(p))) {
        p->foreign++;
        return false;
    }
    p->station = from;
    p->last_rx_us = clock_us();
    return true;
}

void station_find(struct player *p)
{
    const int64_t until = clock_us() + p->settings.timeout_s * 1000000LL;

    while (p->list.count == 0 && p->ended_by == 0) {
        if (!events_wait(p, until))
            errx(1, "no channel list came for %ld s", p->settings.timeout_s);
        if (station_receive(p) && p->header.channel == RADIO_LIST &&
            !radio_decode_list(p->packet.bytes, p->header.length, &p->list)) {
            p->foreign++;
            p->list.count = 0;
        }
    }
}

struct radio_entry station_channel(const struct player *p, long number)
{
    for (int i = 0; i < p->list.count; i++)
        if (number == 0 || p->list.entries[i].channel == number)
            return p->list.entries[i];
    errx(1, "there is no channel %ld; --list shows what there is", number);
}
