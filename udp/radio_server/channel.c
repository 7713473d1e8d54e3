/*
 * udp/radio_server/channel.c -- a folder, file by file.
 */
#define _GNU_SOURCE // scandirat, O_PATH
#include "channel.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../common/beneath.h"
#include "../../common/compat.h"
#include "../../common/printable.h"

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void forget_files(struct channel *c)
{
    for (int i = 0; c->files && i < c->count; i++)
        free(c->files[i]);
    free(c->files);
    c->files = NULL;
    c->count = c->next = 0;
}

// Open the folder's next file that can be played; false after the last one.
static bool open_next(struct channel *c, long bits)
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

bool channel_prepare(struct channel *c, bool once, long bits)
{
    for (;;) {
        if (c->track.fd != -1) {
            if (track_next(&c->track, c->packet.bytes, &c->piece)) {
                c->played = true;
                return true;
            }
            c->failed |= c->track.failed;
            close(c->track.fd);
            c->track.fd = -1;
        }
        if (open_next(c, bits))
            continue;
        if (c->begun && (once || !c->played))
            return false;
        c->begun = true;
        forget_files(c); // the folder may have changed
        c->played = false;
        c->count = scandirat(c->folder, ".", &c->files, not_hidden, alphasort);
        if (c->count == -1) {
            warn("%s", c->name);
            c->count = 0;
            return false;
        }
    }
}

size_t channel_encode_header(struct channel *c)
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

void channel_sent(struct channel *c)
{
    c->seq++;
    c->packets++;
    c->bytes += c->piece.length;
    c->played_ns += c->piece.duration_ns;
}

void channel_close(struct channel *c)
{
    forget_files(c);
    if (c->track.fd != -1)
        close(c->track.fd);
    close(c->folder);
}

void channels_find(struct channels *all, const char *dir)
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
        if (folder != -1 && all->count == RADIO_CHANNELS_MAX)
            errx(1, "%s: more than %d channels", dir, RADIO_CHANNELS_MAX);
        if (folder != -1) {
            struct channel *c = &all->list[all->count++];
            c->number = (uint16_t)all->count;
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
    if (all->count == 0)
        errx(1, "%s: there is no folder in it", dir);
}
