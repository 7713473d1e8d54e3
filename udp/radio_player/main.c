/*
 * udp/radio_player/main.c -- listen to a channel, through any decoder.
 *
 * Shows:   Who cannot hold the sender back must decide what to lose. The pipe
 *          to the decoder does not block; when it is full, whole packets are
 *          left out, and the decoder goes on with the newest. What the decoder
 *          prints is stdout; what we say is stderr.
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
 * Read:    ip(7), ipv6(7), pipe(2), pipe(7), fork(2), execvp(3), poll(2),
 *          signalfd(2), waitpid(2)
 */
#define _GNU_SOURCE // pipe2
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../common/address.h"
#include "../../common/clock.h"
#include "../../common/decoder.h"
#include "../../common/ending.h"
#include "../../common/program.h"
#include "../../common/radio.h"
#include "tuner.h"

#define PATIENCE 500000 // microseconds that a decoder has to end by itself

static struct settings {
    int list;
    long channel; // 0: the first
    long wait;    // in seconds
} settings = {.wait = 10};

enum { SIGNALS, STATION, FEED, DECODER, WATCHED };
static struct pollfd watched[WATCHED];

static struct sockaddr_storage station; // its address
static struct radio_list list;          // what it sends; empty: not known yet
static struct radio_wire packet;        // the last that came
static struct radio_header header;      // and what it says
static struct tuner tuner;
static struct decoder decoder;
static unsigned long foreign;
static int ended_by;

// -- waiting ------------------------------------------------------------------

// From now on signals are read like anything else that comes. A handler could
// not do this: ppoll lets none run while there is always another datagram.
static void hold_signals(void)
{
    sigset_t held;

    hold_endings(SIG_BLOCK);
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGHUP);
    signal(SIGPIPE, SIG_IGN); // a decoder that is gone: EPIPE will do
    watched[SIGNALS].fd = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
    if (watched[SIGNALS].fd == -1)
        err(1, "signalfd");
    watched[SIGNALS].events = POLLIN;
}

// Wait until something has happened, or until then, if that is not 0; false if
// that time has come.
static bool watch(int64_t until)
{
    const int64_t left = until - clock_us();
    struct signalfd_siginfo signal;

    if (until != 0 && left <= 0)
        return false;
    if (poll(watched, WATCHED, until == 0 ? -1 : (int)(left / 1000 + 1)) == -1)
        err(1, "poll");
    if (watched[SIGNALS].revents != 0 &&
        read(watched[SIGNALS].fd, &signal, sizeof signal) == sizeof signal)
        ended_by = (int)signal.ssi_signo;
    return true;
}

static int64_t patience_from_now(void)
{
    return clock_us() + settings.wait * 1000000;
}

// -- the group ----------------------------------------------------------------

static int join(const char *name, const char *port, const char *interface)
{
    struct addrinfo *group, *here;

    int error = address_find(name, port, SOCK_DGRAM, AI_PASSIVE, &group);
    if (error != 0)
        errx(1, "%s port %s: %s", name, port, gai_strerror(error));
    const bool v6 = group->ai_family == AF_INET6;
    const int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
    error = address_find(v6 ? "::" : "0.0.0.0", port, SOCK_DGRAM, AI_PASSIVE,
                         &here);
    if (error != 0)
        errx(1, "port %s: %s", port, gai_strerror(error));

    int sock =
        socket(group->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (sock == -1)
        err(1, "socket");
    const int yes = 1, no = 0;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
        err(1, "SO_REUSEADDR");
    if (setsockopt(sock, level, v6 ? IPV6_MULTICAST_ALL : IP_MULTICAST_ALL, &no,
                   sizeof no) == -1)
        err(1, "IP_MULTICAST_ALL");
    if (bind(sock, here->ai_addr, here->ai_addrlen) == -1)
        err(1, "bind port %s", port);

    struct group_req request = {.gr_interface = if_nametoindex(interface)};
    if (request.gr_interface == 0)
        err(1, "%s", interface);
    memcpy(&request.gr_group, group->ai_addr, group->ai_addrlen);
    if (setsockopt(sock, level, MCAST_JOIN_GROUP, &request, sizeof request) ==
        -1)
        err(1, "MCAST_JOIN_GROUP %s", name);
    freeaddrinfo(here);
    freeaddrinfo(group);
    fprintf(stderr, "ready on %s, in %s on %s\n", address_bound(sock).text,
            name, interface);
    return sock;
}

// Whether a packet has come, from our station or, as long as there is none,
// from any; what else has come is counted.
static bool hear(void)
{
    struct sockaddr_storage from = {0};
    socklen_t length = sizeof from;

    if (watched[STATION].revents == 0)
        return false;
    ssize_t n = recvfrom(watched[STATION].fd, &packet, sizeof packet, MSG_TRUNC,
                         (struct sockaddr *)&from, &length);
    if (n == -1 && errno != EAGAIN && errno != EINTR)
        err(1, "recvfrom");
    if (n == -1)
        return false;
    if (!radio_decode(&packet, (size_t)n, &header) ||
        (list.count > 0 && !address_same(&from, &station))) {
        foreign++;
        return false;
    }
    station = from;
    return true;
}

// Wait for a list. Whoever sends the first one is our station from then on.
static void find_station(void)
{
    const int64_t until = patience_from_now();

    while (list.count == 0 && ended_by == 0) {
        if (!watch(until))
            errx(1, "no channel list came for %ld s", settings.wait);
        if (hear() && header.channel == RADIO_LIST &&
            !radio_decode_list(packet.bytes, header.length, &list)) {
            foreign++;
            list.count = 0;
        }
    }
}

static const struct radio_entry *find_channel(long number)
{
    for (int i = 0; i < list.count; i++)
        if (number == 0 || list.entries[i].channel == number)
            return &list.entries[i];
    errx(1, "there is no channel %ld; --list shows what there is", number);
}

// -- the decoder --------------------------------------------------------------

enum ending {
    CHANNEL_ENDED = 1,
    NOTHING_CAME,
    DECODER_ENDED, // or reads no more
    ENDED_BY_SIGNAL,
};

// Give the decoder the packet that came; false if it takes none any more. Up to
// PIPE_BUF a pipe that has no room for all takes nothing: no frame is torn.
static bool feed(void)
{
    if (write(watched[FEED].fd, packet.bytes, header.length) != -1)
        return true;
    if (errno == EAGAIN)
        tuner_dropped(&tuner);
    return errno == EAGAIN;
}

static enum ending play(uint16_t channel)
{
    int64_t until = patience_from_now();

    while (ended_by == 0) {
        if (!watch(until))
            return NOTHING_CAME;
        if (watched[FEED].revents != 0 || watched[DECODER].revents != 0)
            return DECODER_ENDED;
        if (!hear())
            continue;
        until = patience_from_now();
        if (header.channel != channel)
            continue;
        enum tuner_verdict verdict = tuner_hears(&tuner, &header);
        if (verdict == TUNER_ENDED)
            return CHANNEL_ENDED;
        if (verdict == TUNER_PLAY && !feed())
            return DECODER_ENDED;
    }
    return ENDED_BY_SIGNAL;
}

// Let the decoder play what it has, and end; one that reads no more must be
// quick about it. True if all went well with it.
static bool end_decoder(enum ending how)
{
    const int64_t until = how == DECODER_ENDED ? clock_us() + PATIENCE : 0;
    bool late = false;

    close(watched[FEED].fd);
    watched[FEED].fd = watched[STATION].fd = -1;
    while (ended_by == 0 && watched[DECODER].revents == 0 && !late)
        late = !watch(until);
    if (late)
        warnx("the decoder reads no more, and does not end");
    const bool by_itself = watched[DECODER].revents != 0;
    const int outcome = decoder_stop(&decoder);
    if (by_itself && WIFSIGNALED(outcome))
        warnx("the decoder was ended by signal %d", WTERMSIG(outcome));
    else if (by_itself && WEXITSTATUS(outcome) != 0)
        warnx("the decoder ended with status %d", WEXITSTATUS(outcome));
    return by_itself && outcome == 0;
}

// -- all of it ----------------------------------------------------------------

static bool parse(int argc, char *argv[])
{
    const struct option options[] = {
        {"list", no_argument, &settings.list, 1},
        {"channel", required_argument, NULL, 'c'},
        {"wait", required_argument, NULL, 'w'},
        {0},
    };
    int option;
    bool good = true;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option == 'c')
            good &=
                parse_long(optarg, 1, RADIO_CHANNELS_MAX, &settings.channel);
        else if (option == 'w')
            good &= parse_long(optarg, 1, 3600, &settings.wait);
        else
            good &= option == 0;
    return good && argc - optind > 1 && is_port(argv[optind + 1]) &&
           (settings.list
                ? argc - optind == 3
                : argc - optind > 4 && strcmp(argv[optind + 3], "--") == 0);
}

static void show_list(void)
{
    for (int i = 0; i < list.count; i++)
        printf("%d %s\n", list.entries[i].channel, list.entries[i].name);
}

// Play the channel to its end. Returns the status to end with.
static int listen_to(const struct radio_entry *channel, char *argv[])
{
    const int end = decoder_start_piped(&decoder, argv);
    if (end == -1) {
        const int status = errno == ENOENT ? 127 : 126; // as a shell would
        warn("%s", argv[0]);
        return status;
    }
    // Our end alone: the decoder's has flags of its own.
    if (fcntl(end, F_SETFL, O_NONBLOCK) == -1)
        err(1, "fcntl");
    watched[FEED].fd = end; // no events: an error is one anyway
    watched[DECODER] = (struct pollfd){decoder.ended, POLLIN, 0};
    fprintf(stderr, "%d %s: %s begins\n", channel->channel, channel->name,
            argv[0]);
    enum ending how = play(channel->channel);
    if (how == CHANNEL_ENDED)
        fprintf(stderr, "%d %s: has ended\n", channel->channel, channel->name);
    if (how == DECODER_ENDED)
        fprintf(stderr, "%d %s: %s listens no more\n", channel->channel,
                channel->name, argv[0]);
    if (how == NOTHING_CAME)
        warnx("nothing came for %ld s", settings.wait);
    bool good = end_decoder(how) && how != NOTHING_CAME;
    fprintf(stderr,
            "packets: %lu played, %lu lost, %lu dropped, %lu late, "
            "%lu foreign; gaps: %lu\n",
            tuner.played, tuner.lost, tuner.dropped, tuner.late, foreign,
            tuner.gaps);
    return good ? 0 : 1;
}

int main(int argc, char *argv[])
{
    program_start();
    int status = 0;

    if (!parse(argc, argv))
        return usage(argc, argv,
                     "radio_player [--channel N] [--wait S] GROUP PORT "
                     "INTERFACE -- DECODER [ARG...]\n"
                     "       radio_player --list [--wait S] GROUP PORT "
                     "INTERFACE");
    char **operands = argv + optind;

    hold_signals();
    watched[STATION].fd = join(operands[0], operands[1], operands[2]);
    watched[STATION].events = POLLIN;
    watched[FEED].fd = watched[DECODER].fd = -1;
    find_station();
    if (ended_by == 0 && settings.list)
        show_list();
    else if (ended_by == 0)
        status = listen_to(find_channel(settings.channel), operands + 4);

    if (ended_by != 0) {
        signal(ended_by, SIG_DFL);
        hold_endings(SIG_UNBLOCK);
        raise(ended_by);
    }
    return status;
}
