/*
 * tcp/stream_player/main.c -- receive a stream, and have a decoder play it.
 *
 * Shows:   Four mechanisms for the last few centimetres, from the player to the
 *          decoder: --via pipe, fifo, msg or shm, one small file each. What
 *          they do with bytes is the same; what differs is who notices that the
 *          other end has died, and what would be left behind.
 *
 * Run:     start tcp/stream_server.c first; its header has all commands
 *
 * Prints:  <cksum> <bytes>
 *
 * Read:    via.h, via_pipe.c, via_fifo.c, via_msg.c, via_shm.c; execvp(3)
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
#include "../../common/ending.h"
#include "../../common/program.h"
#include "../sockets.h"
#include "via.h"

static struct player player = {.adapter.ended = -1};
static const struct via *via = &via_pipe;

enum outcome {
    STREAM_PLAYED,  // to the decoder, up to its end
    STREAM_BROKEN,  // the server did not come to its end, and that was said
    STREAM_REFUSED, // nobody takes it any more
    STREAM_STUCK,   // nobody has taken it for too long, and that was said
};

static void tidy_up_and_end(int number)
{
    if (via->remove)
        via->remove();
    decoder_stop(&player.decoder);
    decoder_stop(&player.adapter);
    end_by(number);
}

static const struct via *via_by_name(const char *name)
{
    const struct via *all[4] = {&via_pipe, &via_fifo, &via_msg, &via_shm};

    for (int i = 0; i < 4; i++)
        if (strcmp(name, all[i]->name) == 0)
            return all[i];
    return NULL;
}

static enum outcome no_room(int error)
{
    if (error == EPIPE)
        return STREAM_REFUSED;
    if (error == ETIMEDOUT)
        warnx("the decoder has not read for %d s, after %" PRIu64 " bytes",
              player.timeout, player.bytes);
    else
        warnx("%s, after %" PRIu64 " bytes: %s", via->name, player.bytes,
              strerror(error));
    return STREAM_STUCK;
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
        int ready = poll(on, 3, player.timeout * 1000);
        if (ready == -1 && errno == EINTR)
            continue;
        if (ready == 0) {
            warnx("nothing from the server for %d s, after %" PRIu64 " bytes",
                  player.timeout, player.bytes);
            return STREAM_BROKEN;
        }
        if (ready == -1 || on[1].revents != 0 || on[2].revents != 0)
            return STREAM_REFUSED;

        ssize_t n = read(player.connection, bytes, sizeof bytes);
        if (n == -1) {
            warn("the server broke off after %" PRIu64 " bytes", player.bytes);
            return STREAM_BROKEN;
        }
        int done =
            n == 0 ? via->end(&player) : via->send(&player, bytes, (size_t)n);
        if (done == -1)
            return no_room(errno);
        if (n == 0)
            return STREAM_PLAYED;
        player.bytes += (uint64_t)n;
    }
}

// Wait until the decoder has ended, which has seen the end of file; or end it.
// Then the adapter, if there is one, has no more to do. True if all went well.
static bool finish(enum outcome outcome)
{
    bool well = outcome == STREAM_PLAYED;

    if (outcome == STREAM_BROKEN || outcome == STREAM_REFUSED)
        via->end(&player); // it can do something with what it has
    if (outcome != STREAM_STUCK &&
        !decoder_ended(&player.decoder, player.timeout * 1000)) {
        warnx("the decoder goes on %d s after the end", player.timeout);
        outcome = STREAM_STUCK;
    }
    if (outcome == STREAM_STUCK) {
        decoder_stop(&player.decoder);
        well = false;
    } else if (!child_succeeded(player.decoder.process, "decoder")) {
        outcome = STREAM_BROKEN;
        well = false;
    }
    player.decoder.process = 0;

    int adapter = decoder_stop(&player.adapter);
    if (WIFSIGNALED(adapter) && WTERMSIG(adapter) != SIGTERM) {
        warnx("the adapter was ended by signal %d", WTERMSIG(adapter));
        well = false;
    } else if (outcome == STREAM_REFUSED) {
        warnx("the decoder did not want more than %" PRIu64 " bytes",
              player.bytes);
    }
    return well;
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
    player.timeout = (int)timeout;

    player.connection = connect_to(operands[0], operands[1]);
    if (player.connection == -1)
        return 1;
    signal(SIGPIPE, SIG_IGN); // a decoder may end: write says so
    before_ending(tidy_up_and_end);

    bool well = via->start(&player, operands + 3);
    if (well) {
        enum outcome outcome = play();
        close(player.connection); // the decoder may need long for the rest
        well = finish(outcome);
    }
    if (via->remove)
        via->remove();
    decoder_stop(&player.decoder); // those of a start that failed half way
    decoder_stop(&player.adapter);
    return well ? 0 : 1;
}
