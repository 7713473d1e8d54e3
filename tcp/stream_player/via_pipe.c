/*
 * tcp/stream_player/via_pipe.c -- the stream goes through a pipe.
 *
 * The decoder inherits one end as its standard input, and reads it by itself.
 * There is nothing to remove: the kernel does, with the last descriptor. A
 * writer without a reader gets EPIPE at once.
 *
 * Read:    pipe(7), write(2), poll(2)
 */
#define _GNU_SOURCE // pipe2
#include <err.h>

#include "write_all.h"

static int to_decoder;

static bool start(struct player *p, char *command[])
{
    to_decoder = decoder_start_piped(&p->decoder, command);
    if (to_decoder == -1) {
        warn("%s", command[0]);
        return false;
    }
    fcntl(to_decoder, F_SETFL,
          O_NONBLOCK); // this end only: each has its own flags
    return true;
}

static int send_bytes(struct player *p, const char *bytes, size_t count)
{
    return write_all(p, to_decoder, bytes, count);
}

static int end_stream(struct player *p)
{
    (void)p;
    return close(to_decoder); // we were the only writer
}

const struct via via_pipe = {"pipe", start, send_bytes, end_stream, NULL};
