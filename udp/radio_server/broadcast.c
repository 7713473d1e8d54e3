/*
 * udp/radio_server/broadcast.c -- send what is due, sleep until the next.
 */
#include "broadcast.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "../../common/clock.h"

#define MS INT64_C(1000000)
#define LIST_PERIOD_NS (500 * MS)
#define END_REPEATS 3 // an END can be lost like anything else
#define END_PERIOD_NS (20 * MS)

// Until a time, not for a time: what came in between does not make it later. A
// signal that comes just before it is noticed after it, soon enough.
static void sleep_until(int64_t when_ns)
{
    const struct timespec until = {
        .tv_sec = (time_t)(when_ns / 1000000000),
        .tv_nsec = (long)(when_ns % 1000000000),
    };

    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

// A datagram that the interface has no room for is lost like any other.
static void send_packet(int sock, const struct radio_wire *packet, size_t size)
{
    while (send(sock, packet, size, 0) == -1)
        if (errno == ENOBUFS)
            break;
        else if (errno != EINTR)
            err(1, "send");
}

// What there is to hear; and, of what has ended, that it has.
static void send_list(int sock, struct channels *all, uint32_t seq)
{
    struct radio_list list = {.count = all->count};
    struct radio_wire packet;

    for (int i = 0; i < all->count; i++) {
        const struct channel *c = &all->list[i];
        list.entries[i].channel = c->number;
        memcpy(list.entries[i].name, c->name, sizeof c->name);
    }
    const struct radio_header h = {
        .channel = RADIO_LIST,
        .seq = seq,
        .length = radio_encode_list(packet.bytes, &list),
    };
    send_packet(sock, &packet, radio_encode(&packet, &h));
    for (struct channel *c = all->list; c < all->list + all->count; c++)
        if (c->ended)
            send_packet(sock, &c->packet, channel_encode_header(c));
}

// Send what may go now, and set when there is more.
static void send_due(int sock, struct channel *c, int64_t now,
                     const struct settings *settings,
                     const volatile sig_atomic_t *stop)
{
    while (!c->ended && !*stop) {
        const int64_t wait = bucket_take(&c->bucket, now, c->piece.duration_ns);
        if (wait > 0) {
            c->due_ns = now + wait;
            return;
        }
        send_packet(sock, &c->packet, channel_encode_header(c));
        channel_sent(c);
        c->ended =
            !channel_prepare(c, settings->once, settings->raw_kbits * 1000);
        if (c->ended)
            send_packet(sock, &c->packet, channel_encode_header(c));
    }
    c->due_ns = INT64_MAX;
}

// Fill the buckets and prepare the first packets.
static void start(struct channels *all, const struct settings *settings,
                  int64_t now)
{
    int playing = 0;

    for (struct channel *c = all->list; c < all->list + all->count; c++) {
        printf("%d %s: on the air\n", c->number, c->name);
        c->bucket = bucket_start(now, settings->burst_ms * MS);
        c->ended =
            !channel_prepare(c, settings->once, settings->raw_kbits * 1000);
        c->due_ns = now;
        playing += !c->ended;
    }
    if (playing == 0)
        errx(1, "there is nothing to play");
}

void broadcast(int sock, struct channels *all, const struct settings *settings,
               const volatile sig_atomic_t *stop)
{
    int64_t next_list = clock_ns();
    uint32_t lists = 0;
    bool ended = false;

    start(all, settings, next_list);
    while (!*stop && !ended) {
        const int64_t now = clock_ns();
        if (now >= next_list) {
            send_list(sock, all, lists++);
            next_list = now + LIST_PERIOD_NS;
        }

        int64_t next = next_list;
        ended = true;
        for (struct channel *c = all->list; c < all->list + all->count; c++) {
            if (c->due_ns <= now)
                send_due(sock, c, now, settings, stop);
            next = c->due_ns < next ? c->due_ns : next;
            ended &= c->ended;
        }
        if (!*stop && !ended)
            sleep_until(next);
    }

    for (struct channel *c = all->list; c < all->list + all->count; c++)
        c->ended = true;
    for (int i = 0; i < END_REPEATS; i++) {
        send_list(sock, all, lists++);
        sleep_until(clock_ns() + END_PERIOD_NS);
    }
}
