/*
 * udp/radio_player/settings.h -- what the player's command line asks for.
 */
#ifndef UDP_RADIO_PLAYER_SETTINGS_H
#define UDP_RADIO_PLAYER_SETTINGS_H

#include <stdbool.h>

struct settings {
    int list;
    long channel; // 0: the first
    long timeout_s;
};

extern const char settings_synopsis[];

// What is asked for; false if that is not understood. argv[optind] is then the
// group, followed by its port and interface, "--" and the decoder.
bool settings_parse(struct settings *s, int argc, char *argv[]);

#endif
