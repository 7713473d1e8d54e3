/*
 * tcp/stream_player/main.c -- receive a stream, and have a decoder play it.
 *
 * Shows:   Four mechanisms for the last few centimetres, from the player to the
 *          decoder: --via pipe, fifo, msg or shm, one small file each. What
 *          they do with bytes is the same; what differs is who notices that the
 *          other end has died, and what would be left behind.
 *
 * Run:     start tcp/stream_server/main.c first; its header has all commands
 *
 * Prints:  <cksum> <bytes>
 *
 * Read:    via.h, via_pipe.c, via_fifo.c, via_msg.c, via_shm.c
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../common/child.h"
#include "../../common/program.h"
#include "../../common/termination.h"
#include "../sockets.h"
#include "via.h"

static struct player player = {.adapter.ended = -1};
static const struct via *via = &via_pipe;

enum outcome {
    STREAM_PLAYED,    // to the decoder, up to its end
    STREAM_TRUNCATED, // the server did not come to its end: reported
    STREAM_CLOSED,    // the decoder does not read any more
    STREAM_TIMEOUT,   // the decoder has not read for too long: reported
};

static void cleanup(void)
{
    if (via->remove)
        via->remove();
    decoder_stop(&player.decoder);
    decoder_stop(&player.adapter);
}

static const struct via *via_by_name(const char *name)
{
    const struct via *all[4] = {&via_pipe, &via_fifo, &via_msg, &via_shm};

    for (int i = 0; i < 4; i++)
        if (strcmp(name, all[i]->name) == 0)
            return all[i];
    return NULL;
}

static enum outcome send_failed(int error)
{
    if (error == EPIPE)
        return STREAM_CLOSED;
    if (error == ETIMEDOUT)
        warnx("the decoder has not read for %d s, after %" PRIu64 " bytes",
              player.timeout_s, player.bytes);
    else
        warnx("%s, after %" PRIu64 " bytes: %s", via->name, player.bytes,
              strerror(error));
    return STREAM_TIMEOUT;
}

// Receive the stream and hand it on, until one side ends.
static enum outcome play(void)
{
    char bytes[65536];

    for (;;) {
        struct pollfd on[] = {
            {.fd = player.connection, .events = POLLIN},
            {.fd = player.decoder.ended, .events = POLLIN},
            {.fd = player.adapter.ended, .events = POLLIN}, // -1: left out
        };
        int ready = poll(on, 3, player.timeout_s * 1000);
        if (ready == -1 && errno == EINTR)
            continue;
        if (ready == 0) {
            warnx("nothing from the server for %d s, after %" PRIu64 " bytes",
                  player.timeout_s, player.bytes);
            return STREAM_TRUNCATED;
        }
        if (ready == -1 || on[1].revents != 0 || on[2].revents != 0)
            return STREAM_CLOSED;

        ssize_t n = read(player.connection, bytes, sizeof bytes);
        if (n == -1) {
            warn("the stream was cut off after %" PRIu64 " bytes",
                 player.bytes);
            return STREAM_TRUNCATED;
        }
        int done =
            n == 0 ? via->end(&player) : via->send(&player, bytes, (size_t)n);
        if (done == -1)
            return send_failed(errno);
        if (n == 0)
            return STREAM_PLAYED;
        player.bytes += (uint64_t)n;
    }
}

// Wait until the decoder has ended, which has seen the end of file; or end it.
// Then the adapter, if there is one, has no more to do. True if all went ok.
static bool finish(enum outcome outcome)
{
    bool ok = outcome == STREAM_PLAYED;

    if (outcome == STREAM_TRUNCATED || outcome == STREAM_CLOSED)
        via->end(&player); // it can do something with what it has
    if (outcome != STREAM_TIMEOUT &&
        !decoder_ended(&player.decoder, player.timeout_s * 1000)) {
        warnx("the decoder goes on %d s after the end", player.timeout_s);
        outcome = STREAM_TIMEOUT;
    }
    if (outcome == STREAM_TIMEOUT) {
        decoder_stop(&player.decoder);
        ok = false;
    } else if (!child_succeeded(player.decoder.process, "decoder")) {
        outcome = STREAM_TRUNCATED;
        ok = false;
    }
    player.decoder.process = 0;

    int adapter = decoder_stop(&player.adapter);
    if (WIFSIGNALED(adapter) && WTERMSIG(adapter) != SIGTERM) {
        warnx("the adapter was ended by signal %d", WTERMSIG(adapter));
        ok = false;
    } else if (outcome == STREAM_CLOSED) {
        warnx("the decoder stopped reading after %" PRIu64 " bytes",
              player.bytes);
    }
    return ok;
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] =
        "stream_player [--via pipe|fifo|msg|shm] [--timeout SECONDS]\n"
        "                     ADDRESS PORT -- DECODER [ARGUMENT]...";
    const struct option options[] = {
        {"via", required_argument, NULL, 'v'},
        {"timeout", required_argument, NULL, 't'},
        {0},
    };
    long timeout = 30;
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option == '?' || (option == 'v' && !(via = via_by_name(optarg))) ||
            (option == 't' && !parse_long(optarg, 1, 3600, &timeout)))
            return usage(argc, argv, synopsis);
    char **operands = argv + optind;
    if (argc - optind < 4 || strcmp(operands[2], "--") != 0)
        return usage(argc, argv, synopsis);
    player.timeout_s = (int)timeout;

    player.connection = tcp_connect(operands[0], operands[1]);
    if (player.connection == -1)
        return 1;
    signal(SIGPIPE, SIG_IGN); // a decoder may end: write says so
    on_termination(cleanup);

    bool ok = via->start(&player, operands + 3);
    if (ok) {
        enum outcome outcome = play();
        close(player.connection); // the decoder may need long for the rest
        ok = finish(outcome);
    }
    return ok ? 0 : 1;
}
