/*
 * udp/radio_server/track.h -- a file, in pieces that fit a packet.
 *
 * Of an MP3 each piece is as many whole frames as there is room for: what is
 * lost with a packet is then a few frames, and never half of one. Tags are left
 * out; they describe a file, and listeners have none. Any other file is cut
 * into equal pieces, and played at the bit rate of --raw.
 */
#ifndef UDP_RADIO_SERVER_TRACK_H
#define UDP_RADIO_SERVER_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../common/mp3.h"
#include "../../common/radio.h"

#define TRACK_AHEAD (2 * MP3_FRAME_MAX + MP3_HEADER) // to see the next header

struct track {
    int fd; // -1: none
    bool mp3;
    bool failed;      // to read
    bool synced;      // the last frame ended where the next one begins
    long bits;        // a second, if it is no MP3
    size_t remainder; // of a frame that did not fit the last piece
    size_t begin, end;
    uint8_t bytes[4 * TRACK_AHEAD]; // those from begin to end are to come
};

struct piece {
    uint16_t length;
    bool start; // a decoder can start here
    int64_t duration_ns;
};

// Begin with a file that is open. If it is no MP3 it has so many bits a second;
// false if that is 0.
bool track_open(struct track *t, int fd, long bits);

// Put the next piece into to. False at the end.
bool track_next(struct track *t, uint8_t to[RADIO_BYTES_MAX], struct piece *p);

#endif
