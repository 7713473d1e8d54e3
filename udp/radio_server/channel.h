/*
 * udp/radio_server/channel.h -- a folder whose files are sent one by one.
 */
#ifndef RADIO_SERVER_CHANNEL_H
#define RADIO_SERVER_CHANNEL_H

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../common/beneath.h"
#include "../../common/compat.h"
#include "../../common/printable.h"
#include "../../common/radio.h"
#include "../../common/token_bucket.h"
#include "track.h"

struct channel {
    struct dirent **files; // of this round, by name
    int count, next, folder;
    uint32_t seq;
    uint16_t number;
    char name[RADIO_NAME_MAX + 1];
    bool begun;  // at least the first round
    bool played; // something in this round
    bool ended;
    struct track track;
    struct radio_wire packet; // the next to send
    struct piece piece;       // what is in it
    struct bucket bucket;
    int64_t due;           // when to look again whether it may go
    unsigned long packets; // sent so far
    uint64_t bytes;
    int64_t sound; // in nanoseconds
};

static inline int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static inline void channel_forget_files(struct channel *c)
{
    for (int i = 0; c->files && i < c->count; i++)
        free(c->files[i]);
    free(c->files);
    c->files = NULL;
    c->count = c->next = 0;
}

// Open the folder's next file that can be played; false after the last one.
static inline bool channel_open_next(struct channel *c, long bits)
{
    while (c->next < c->count) {
        const char *name = c->files[c->next++]->d_name;
        char shown[NAME_MAX + 1];
        struct stat about;

        snprintf(shown, sizeof shown, "%s", name);
        printable(shown);
        int fd = open_file_beneath(c->folder, name, &about);
        if (fd == -1) {
            if (errno != EISDIR)
                warn("%s/%s", c->name, shown);
            continue;
        }
        if (track_open(&c->track, fd, bits)) {
            printf("%d %s: plays %s\n", c->number, c->name, shown);
            return true;
        }
        warnx("%s/%s: no MP3, and no --raw to say its rate", c->name, shown);
        close(fd);
        c->track.fd = -1;
    }
    return false;
}

// Make the next packet. False at the end: after the last file if that is to be
// once, or if in a whole round there was nothing to play.
static inline bool channel_prepare(struct channel *c, bool once, long bits)
{
    for (;;) {
        if (c->track.fd != -1) {
            if (track_next(&c->track, c->packet.bytes, &c->piece)) {
                c->played = true;
                return true;
            }
            close(c->track.fd);
            c->track.fd = -1;
        }
        if (channel_open_next(c, bits))
            continue;
        if (c->begun && (once || !c->played))
            return false;
        c->begun = true;
        channel_forget_files(c); // the folder may have changed
        c->played = false;
        c->count = scandirat(c->folder, ".", &c->files, not_hidden, alphasort);
        if (c->count == -1) {
            warn("%s", c->name);
            c->count = 0;
            return false;
        }
    }
}

// The packet is ready to be sent. Returns its size.
static inline size_t channel_seal(struct channel *c)
{
    const struct radio_header h = {
        .flags = c->ended         ? RADIO_END
                 : c->piece.start ? RADIO_START
                                  : 0,
        .channel = c->number,
        .seq = c->seq,
        .length = c->ended ? 0 : c->piece.length,
    };

    return radio_encode(&c->packet, &h);
}

static inline void channel_sent(struct channel *c)
{
    c->seq++;
    c->packets++;
    c->bytes += c->piece.length;
    c->sound += c->piece.lasts;
}

static inline void channel_close(struct channel *c)
{
    channel_forget_files(c);
    if (c->track.fd != -1)
        close(c->track.fd);
    close(c->folder);
}

#endif
