/*
 * tcp/stream_player/via_pipe.c -- the stream goes through a pipe.
 *
 * The decoder inherits one end as its standard input, and reads on its own.
 * There is nothing to remove: the kernel does, with the last descriptor. Who
 * has no reader left is told at once, by EPIPE.
 *
 * Read:    pipe(7), write(2), poll(2)
 */
#define _GNU_SOURCE // pipe2
#include <err.h>

#include "feed.h"

static int feed;

static bool start(struct player *p, char *command[])
{
    feed = decoder_start_piped(&p->decoder, command);
    if (feed == -1) {
        warn("%s", command[0]);
        return false;
    }
    fcntl(feed, F_SETFL, O_NONBLOCK); // this end only: each has its own flags
    return true;
}

static int send_bytes(struct player *p, const char *bytes, size_t count)
{
    return feed_write(p, feed, bytes, count);
}

static int end_stream(struct player *p)
{
    (void)p;
    return close(feed); // we were the only writer
}

const struct via via_pipe = {"pipe", start, send_bytes, end_stream, NULL};
