/*
 * udp/relay/settings.h -- what the relay's command line asks for.
 */
#ifndef UDP_RELAY_SETTINGS_H
#define UDP_RELAY_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "../number_list.h"
#include "impairments.h"

struct settings {
    double probability[2][IMPAIRMENTS]; // there, and back
    struct number_list drop[2];         // the numbers of datagrams
    int64_t outage_from_us;             // from the first datagram on
    int64_t outage_us;
    int64_t idle_us;
    long seed;
    bool silent;
};

extern const char settings_synopsis[];

// What is asked for; false if that is not understood. argv[optind] is then the
// first operand.
bool settings_parse(struct settings *s, int argc, char *argv[]);

#endif
