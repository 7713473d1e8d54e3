/*
 * udp/radio_player/player.h -- all that the player knows while it runs.
 */
#ifndef UDP_RADIO_PLAYER_PLAYER_H
#define UDP_RADIO_PLAYER_PLAYER_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "../../common/decoder.h"
#include "../../common/radio.h"
#include "settings.h"
#include "tuner.h"

// What there is to wait for; FEED is the pipe to the decoder.
enum { SIGNALS, STATION, FEED, DECODER, WATCHED };

struct player {
    struct settings settings;
    struct pollfd watched[WATCHED];
    int ended_by; // a signal

    struct sockaddr_storage station; // its address
    struct radio_list list;          // what it sends; empty: not known yet
    int64_t last_rx_us;              // when it last sent something
    struct radio_wire packet;        // the last that came
    struct radio_header header;      // and what it says
    unsigned long foreign;           // packets that were not the station's

    struct radio_entry channel; // that is played
    struct tuner tuner;
    struct decoder decoder;
};

// events.c: from now on signals are read from a descriptor.
void events_open_signals(struct player *p);

// Wait until something has happened, or until then, by clock_us(), if that is
// not 0; false if that time has come.
bool events_wait(struct player *p, int64_t until_us);

// station.c: wait for a list. What sends the first one is our station from then
// on. Ends with an error if none comes.
void station_find(struct player *p);

// The channel of that number in the list, the first if it is 0; ends with an
// error if there is none.
struct radio_entry station_channel(const struct player *p, long number);

// Whether a packet of our station has come.
bool station_receive(struct player *p);

// play.c: play the channel to its end, by that command. Returns the status to
// end with.
int play(struct player *p, char *command[]);

#endif
