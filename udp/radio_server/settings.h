/*
 * udp/radio_server/settings.h -- what the station's command line asks for.
 */
#ifndef UDP_RADIO_SERVER_SETTINGS_H
#define UDP_RADIO_SERVER_SETTINGS_H

#include <stdbool.h>

struct settings {
    int once;
    long burst_ms;
    long raw_kbits; // a second, of what is no MP3; 0: it is left out
    long ttl;
};

extern const char settings_synopsis[];

// What is asked for; false if that is not understood. argv[optind] is then the
// first of four operands.
bool settings_parse(struct settings *s, int argc, char *argv[]);

#endif
