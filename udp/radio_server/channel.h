/*
 * udp/radio_server/channel.h -- a folder whose files are sent one by one.
 */
#ifndef UDP_RADIO_SERVER_CHANNEL_H
#define UDP_RADIO_SERVER_CHANNEL_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    bool failed; // to read a file
    struct track track;
    struct radio_wire packet; // the next to send
    struct piece piece;       // what is in it
    struct bucket bucket;
    int64_t due_ns;        // when to look again whether it may go
    unsigned long packets; // sent so far
    uint64_t bytes;
    int64_t played_ns;
};

struct channels {
    int count;
    struct channel list[RADIO_CHANNELS_MAX];
};

// Make a channel of each folder in dir, by name. Ends with an error if there is
// none, or if there are too many.
void channels_find(struct channels *all, const char *dir);

// Make the next packet. False at the end: after the last file if that is to be
// once, or if in a whole round there was nothing to play. Files that are no MP3
// have so many bits a second; 0 leaves them out.
bool channel_prepare(struct channel *c, bool once, long bits);

// Put the header before the bytes of the packet. Returns its size.
size_t channel_encode_header(struct channel *c);

// Count the packet, which has been sent.
void channel_sent(struct channel *c);

void channel_close(struct channel *c);

#endif
