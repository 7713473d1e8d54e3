/*
 * udp/radio_server/main.c -- a radio station: each folder is a channel.
 *
 * Shows:   Sending at the pace at which somebody listens, without hearing
 *          from them: nobody answers here, and nobody could hold us back. So
 *          a token bucket does, by the clock. It sends once, however many
 *          there are who listen; the network makes the copies.
 *
 * Run:     start udp/radio_player/main.c first; its header has both commands
 *
 * Prints:  1 www: on the air
 *          1 www: plays hello.txt
 *          <...>
 *          1 www: <number> packets, <bytes> bytes, <s> s of sound in <s> s
 *
 * Read:    clock_nanosleep(2), ip(7), ipv6(7), scandirat(3), sendto(2)
 */
#define _GNU_SOURCE // scandirat, O_PATH
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../common/address.h"
#include "../../common/compat.h"
#include "../../common/ending.h"
#include "../../common/printable.h"
#include "../../common/program.h"
#include "../../common/radio.h"
#include "../../common/token_bucket.h"
#include "channel.h"

#define MS INT64_C(1000000)
#define LIST_EVERY (500 * MS)
#define GOODBYES 3 // an END can be lost like anything else
#define GOODBYE_EVERY (20 * MS)

static struct settings {
    int once;
    long burst; // in milliseconds
    long raw;   // kbit/s of what is no MP3; 0: it is left out
    long ttl;
} settings = {.burst = 200, .ttl = 1};

static struct channel channels[RADIO_CHANNELS_MAX];
static int channel_count;
static int sock;
static volatile sig_atomic_t ended_by;

static void note_ending(int number)
{
    ended_by = number;
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

// Until a time, not for a time: what came in between does not make it later. A
// signal that comes just before it is noticed after it, soon enough.
static void sleep_until(int64_t when)
{
    const struct timespec until = {
        .tv_sec = (time_t)(when / 1000000000),
        .tv_nsec = (long)(when % 1000000000),
    };

    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

// A datagram that the interface has no room for is lost like any other.
static void send_packet(const struct radio_wire *packet, size_t size)
{
    while (send(sock, packet, size, 0) == -1)
        if (errno == ENOBUFS)
            break;
        else if (errno != EINTR)
            err(1, "send");
}

// -- the channels -------------------------------------------------------------

// The folders in dir, by name: one that has control characters in its name is
// shown without.
static void find_channels(const char *dir)
{
    struct dirent **entries;

    int top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top == -1)
        err(1, "%s", dir);
    int found = scandirat(top, ".", &entries, not_hidden, alphasort);
    if (found == -1)
        err(1, "%s", dir);
    for (int i = 0; i < found; i++) {
        int folder =
            openat(top, entries[i]->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder == -1 && errno != ENOTDIR)
            err(1, "%s/%s", dir, entries[i]->d_name);
        if (folder != -1 && channel_count == RADIO_CHANNELS_MAX)
            errx(1, "%s: more than %d channels", dir, RADIO_CHANNELS_MAX);
        if (folder != -1) {
            struct channel *c = &channels[channel_count++];
            c->number = (uint16_t)channel_count;
            c->folder = folder;
            c->track.fd = -1;
            snprintf(c->name, sizeof c->name, "%.*s", RADIO_NAME_MAX,
                     entries[i]->d_name);
            printable(c->name);
        }
        free(entries[i]);
    }
    free(entries);
    close(top);
    if (channel_count == 0)
        errx(1, "%s: there is no folder in it", dir);
}

// What there is to hear; and, of what has ended, that it has.
static void send_list(uint32_t seq)
{
    struct radio_list list = {.count = channel_count};
    struct radio_wire packet;

    for (int i = 0; i < channel_count; i++) {
        list.entries[i].channel = channels[i].number;
        memcpy(list.entries[i].name, channels[i].name, sizeof channels[i].name);
    }
    const struct radio_header h = {
        .channel = RADIO_LIST,
        .seq = seq,
        .length = radio_encode_list(packet.bytes, &list),
    };
    send_packet(&packet, radio_encode(&packet, &h));
    for (int i = 0; i < channel_count; i++)
        if (channels[i].ended)
            send_packet(&channels[i].packet, channel_seal(&channels[i]));
}

// Send what may go now, and say when there is more.
static int64_t send_due(struct channel *c, int64_t now)
{
    while (!c->ended && !ended_by) {
        const int64_t wait = bucket_take(&c->bucket, now, c->piece.lasts);
        if (wait > 0)
            return now + wait;
        send_packet(&c->packet, channel_seal(c));
        channel_sent(c);
        c->ended = !channel_prepare(c, settings.once, settings.raw * 1000);
        if (c->ended)
            send_packet(&c->packet, channel_seal(c));
    }
    return INT64_MAX;
}

// Send until all channels have ended, or a signal says so.
static void broadcast(int64_t started)
{
    int64_t next_list = started;
    uint32_t lists = 0;
    int ended = 0;

    while (!ended_by && ended < channel_count) {
        const int64_t now = now_ns();
        if (now >= next_list) {
            send_list(lists++);
            next_list = now + LIST_EVERY;
        }

        int64_t next = next_list;
        ended = 0;
        for (int i = 0; i < channel_count; i++) {
            struct channel *c = &channels[i];
            if (c->due <= now)
                c->due = send_due(c, now);
            next = c->due < next ? c->due : next;
            ended += c->ended;
        }
        if (!ended_by && ended < channel_count)
            sleep_until(next);
    }

    for (int i = 0; i < channel_count; i++)
        channels[i].ended = true;
    for (int i = 0; i < GOODBYES; i++) {
        send_list(lists++);
        sleep_until(now_ns() + GOODBYE_EVERY);
    }
}

static void begin(int64_t now)
{
    int playing = 0;

    for (int i = 0; i < channel_count; i++) {
        struct channel *c = &channels[i];
        printf("%d %s: on the air\n", c->number, c->name);
        c->bucket = bucket_start(now, settings.burst * MS);
        c->ended = !channel_prepare(c, settings.once, settings.raw * 1000);
        c->due = now;
        playing += !c->ended;
    }
    if (playing == 0)
        errx(1, "there is nothing to play");
}

static void print_totals(int64_t passed)
{
    for (int i = 0; i < channel_count; i++) {
        const struct channel *c = &channels[i];
        printf("%d %s: %lu packets, %" PRIu64 " bytes, %.3f s of sound in "
               "%.3f s\n",
               c->number, c->name, c->packets, c->bytes, (double)c->sound / 1e9,
               (double)passed / 1e9);
    }
}

// -- the group ----------------------------------------------------------------

static bool is_group(const struct addrinfo *a)
{
    if (a->ai_family == AF_INET6)
        return IN6_IS_ADDR_MULTICAST(
            &((const struct sockaddr_in6 *)a->ai_addr)->sin6_addr);
    return IN_MULTICAST(
        ntohl(((const struct sockaddr_in *)a->ai_addr)->sin_addr.s_addr));
}

static void open_socket(const char *group, const char *port,
                        const char *interface)
{
    const int ttl = (int)settings.ttl;
    struct addrinfo *there;

    int error = address_find(group, port, SOCK_DGRAM, 0, &there);
    if (error != 0)
        errx(1, "%s port %s: %s", group, port, gai_strerror(error));
    if (!is_group(there))
        errx(1, "%s: not a multicast group", group);
    const unsigned index = if_nametoindex(interface);
    if (index == 0)
        err(1, "%s", interface);

    sock = socket(there->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock == -1)
        err(1, "socket");
    const bool v6 = there->ai_family == AF_INET6;
    const int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
    const struct ip_mreqn request = {.imr_ifindex = (int)index};
    if (!v6 && setsockopt(sock, level, IP_MULTICAST_IF, &request,
                          sizeof request) == -1)
        err(1, "IP_MULTICAST_IF");
    if (v6 &&
        setsockopt(sock, level, IPV6_MULTICAST_IF, &index, sizeof index) == -1)
        err(1, "IPV6_MULTICAST_IF");
    if (setsockopt(sock, level, v6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL,
                   &ttl, sizeof ttl) == -1)
        err(1, "IP_MULTICAST_TTL");
    if (connect(sock, there->ai_addr, there->ai_addrlen) == -1)
        err(1, "connect %s port %s", group, port);
    freeaddrinfo(there);
}

static bool parse(int argc, char *argv[])
{
    const struct option options[] = {
        {"once", no_argument, &settings.once, 1},
        {"burst", required_argument, NULL, 'b'},
        {"raw", required_argument, NULL, 'r'},
        {"ttl", required_argument, NULL, 't'},
        {0},
    };
    int option;
    bool good = true;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        switch (option) {
        case 0:
            break;
        case 'b':
            good &= parse_long(optarg, 0, 3600000, &settings.burst);
            break;
        case 'r':
            good &= parse_long(optarg, 1, 1000000, &settings.raw);
            break;
        case 't':
            good &= parse_long(optarg, 0, 255, &settings.ttl);
            break;
        default:
            good = false;
        }
    return good && argc - optind == 4 && is_port(argv[optind + 1]);
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse(argc, argv))
        return usage(argc, argv,
                     "radio_server [--once] [--burst MS] [--raw KBITS] "
                     "[--ttl N] GROUP PORT INTERFACE DIR");

    open_socket(argv[optind], argv[optind + 1], argv[optind + 2]);
    find_channels(argv[optind + 3]);
    before_ending(note_ending);
    const int64_t started = now_ns();
    begin(started);
    broadcast(started);
    print_totals(now_ns() - started);

    for (int i = 0; i < channel_count; i++)
        channel_close(&channels[i]);
    close(sock);
    if (ended_by)
        end_by(ended_by);
    return 0;
}
