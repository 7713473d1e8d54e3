/*
 * tcp/stream_player/via_fifo.c -- the stream goes through a FIFO.
 *
 * A FIFO is a pipe that has a name until both ends are open. It is needed no
 * longer than that, so it is gone before the first byte is sent, and no kill
 * can leave it behind. From then on this is a pipe.
 *
 * Read:    fifo(7), mkdtemp(3), mkfifo(3), open(2), unlink(2)
 */
#define _GNU_SOURCE // pipe2
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "../../common/termination.h"
#include "write_all.h"

static int to_decoder;

// Both ends of a FIFO in a folder of our own. Neither opening waits for the
// other: a reader that does not block gets in, and then there is one.
static bool open_ends(int ends[2])
{
    char folder[PATH_MAX - sizeof "/stream"], path[PATH_MAX];
    const char *where = getenv("TMPDIR");

    snprintf(folder, sizeof folder, "%s/stream_player.XXXXXX",
             where ? where : "/tmp");
    if (!mkdtemp(folder)) {
        warn("%s", folder);
        return false;
    }
    snprintf(path, sizeof path, "%s/stream", folder);
    ends[0] = ends[1] = -1;
    if (mkfifo(path, 0600) == 0) {
        ends[0] = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        ends[1] = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    }
    if (ends[1] == -1)
        warn("%s", path);
    unlink(path);
    rmdir(folder);
    return ends[0] != -1 && ends[1] != -1;
}

static bool start(struct player *p, char *command[])
{
    int ends[2];

    block_termination();
    bool made = open_ends(ends);
    unblock_termination();
    if (!made)
        return false;

    fcntl(ends[0], F_SETFL, 0); // the decoder counts on a read that blocks
    to_decoder = ends[1];
    if (decoder_start(&p->decoder, command, ends[0]) == -1) {
        warn("%s", command[0]);
        return false;
    }
    close(ends[0]); // or we would never see that the reader has gone
    return true;
}

static int send_bytes(struct player *p, const char *bytes, size_t count)
{
    return write_all(p, to_decoder, bytes, count);
}

static int end_stream(struct player *p)
{
    (void)p;
    return close(to_decoder);
}

const struct via via_fifo = {"fifo", start, send_bytes, end_stream, NULL};
