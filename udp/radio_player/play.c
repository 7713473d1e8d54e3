/*
 * udp/radio_player/play.c -- feed a decoder, and know how it ended.
 */
#define _GNU_SOURCE // pipe2
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../common/clock.h"
#include "player.h"

#define DECODER_TIMEOUT_US                                                     \
    500000 // for one that reads no more, to end by itself

enum end {
    CHANNEL_ENDED = 1,
    STATION_SILENT,
    DECODER_ENDED, // or reads no more
    ENDED_BY_SIGNAL,
};

// Give the decoder the packet that came; false if it takes none any more. Up to
// PIPE_BUF a pipe without space for all of it takes nothing: no frame is torn.
static bool feed(struct player *p)
{
    if (write(p->watched[FEED].fd, p->packet.bytes, p->header.length) != -1)
        return true;
    if (errno == EAGAIN)
        tuner_dropped(&p->tuner);
    else if (errno != EPIPE)
        err(1, "write"); // the decoder reads end of file
    return errno == EAGAIN;
}

static enum end play_packets(struct player *p)
{
    while (p->ended_by == 0) {
        if (!events_wait(p, p->last_rx_us + p->settings.timeout_s * 1000000LL))
            return STATION_SILENT;
        if (p->watched[FEED].revents != 0 || p->watched[DECODER].revents != 0)
            return DECODER_ENDED;
        if (!station_receive(p) || p->header.channel != p->channel.channel)
            continue;
        enum tuner_verdict verdict = tuner_packet(&p->tuner, &p->header);
        if (verdict == TUNER_ENDED)
            return CHANNEL_ENDED;
        if (verdict == TUNER_PLAY && !feed(p))
            return DECODER_ENDED;
    }
    return ENDED_BY_SIGNAL;
}

// Let the decoder play what it has, and end; one that reads no more has only
// DECODER_TIMEOUT_US for that. True if it ended by itself, with status 0.
static bool end_decoder(struct player *p, enum end how)
{
    const int64_t until =
        how == DECODER_ENDED ? clock_us() + DECODER_TIMEOUT_US : 0;
    bool late = false;

    close(p->watched[FEED].fd);
    p->watched[FEED].fd = p->watched[STATION].fd = -1;
    while (p->ended_by == 0 && p->watched[DECODER].revents == 0 && !late)
        late = !events_wait(p, until);
    if (late)
        warnx("the decoder reads no more, and does not end");
    const bool by_itself = p->watched[DECODER].revents != 0;
    const int outcome = decoder_stop(&p->decoder);
    if (by_itself && WIFSIGNALED(outcome))
        warnx("the decoder was ended by signal %d", WTERMSIG(outcome));
    else if (by_itself && WEXITSTATUS(outcome) != 0)
        warnx("the decoder ended with status %d", WEXITSTATUS(outcome));
    return by_itself && outcome == 0;
}

static void print_end(const struct player *p, enum end how, const char *decoder)
{
    const struct radio_entry *c = &p->channel;

    if (how == CHANNEL_ENDED)
        fprintf(stderr, "%d %s: has ended\n", c->channel, c->name);
    if (how == DECODER_ENDED)
        fprintf(stderr, "%d %s: %s reads no more\n", c->channel, c->name,
                decoder);
    if (how == STATION_SILENT)
        warnx("nothing came from the station for %ld s", p->settings.timeout_s);
}

int play(struct player *p, char *command[])
{
    signal(SIGPIPE, SIG_IGN); // a decoder that has ended: EPIPE will do
    p->channel = station_channel(p, p->settings.channel);
    const int pipe_end = decoder_start_piped(&p->decoder, command);
    if (pipe_end == -1) {
        const int status = errno == ENOENT ? 127 : 126; // as a shell would
        warn("%s", command[0]);
        return status;
    }
    // Our end alone: the decoder's has flags of its own.
    if (fcntl(pipe_end, F_SETFL, O_NONBLOCK) == -1)
        err(1, "fcntl");
    p->watched[FEED].fd = pipe_end; // no events: an error is one anyway
    p->watched[DECODER] = (struct pollfd){p->decoder.ended, POLLIN, 0};
    fprintf(stderr, "%d %s: %s begins\n", p->channel.channel, p->channel.name,
            command[0]);

    const enum end how = play_packets(p);
    print_end(p, how, command[0]);
    const bool ok = end_decoder(p, how) && how != STATION_SILENT;
    const struct tuner *t = &p->tuner;
    fprintf(stderr,
            "packets: %lu played, %lu lost, %lu dropped, %lu late, "
            "%lu foreign; gaps: %lu\n",
            t->played, t->lost, t->dropped, t->late, p->foreign, t->gaps);
    return ok ? 0 : 1;
}
