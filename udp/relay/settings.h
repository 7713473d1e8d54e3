/*
 * udp/relay/settings.h -- what the relay's command line asks for.
 */
#ifndef UDP_RELAY_SETTINGS_H
#define UDP_RELAY_SETTINGS_H

#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../common/program.h"
#include "../number_list.h"
#include "fate.h"
#include "ladder.h"

// Times are in microseconds.
struct settings {
    double odds[2][HARMS];      // there, and back
    struct number_list drop[2]; // the numbers of datagrams
    int64_t dark_from, dark;    // from the first datagram on, and how long
    int64_t idle;
    long seed;
    bool silent;
};

static const char settings_synopsis[] =
    "relay [OPTION]... ADDRESS PORT TO-ADDRESS TO-PORT\n"
    "  --loss P      of 100 datagrams, so many are lost,\n"
    "  --dup P       doubled,\n"
    "  --reorder P   held back until another one has passed,\n"
    "  --corrupt P   damaged, which the checksum shows: thrown away,\n"
    "  --bitrot P    damaged, which the checksum does not show\n"
    "  --delay MS    each one is late by so much,\n"
    "  --jitter MS   and by up to so much more\n"
    "  --loss-back P, --dup-back P, ...  other odds for the answers\n"
    "  --drop LIST, --drop-back LIST     lose the 3rd and the 7th: 3,7\n"
    "  --dark FROM-TO  lose all, in ms from the first one on\n"
    "  --seed N        other dice (10)\n"
    "  --idle MS       end when nothing has come for so long (60000)\n"
    "  --silent        no line for each";

// Set *n to the number that text begins with, if it is in [0, most], and *end
// to what follows it.
static inline bool settings_number(const char *text, double most, double *n,
                                   char **end)
{
    *n = strtod(text, end);
    return *end != text && *n >= 0 && *n <= most;
}

// A percentage or, for the last two, milliseconds.
static inline bool settings_odds(const char *text, int harm, double *odds)
{
    const bool time = harm == DELAY || harm == JITTER;
    char *end;

    if (!settings_number(text, time ? 60000 : 100, odds, &end) || *end != '\0')
        return false;
    *odds = time ? *odds * 1000 : *odds / 100;
    return true;
}

// FROM-TO, in milliseconds.
static inline bool settings_dark(const char *text, struct settings *s)
{
    double from, to;
    char *end;

    if (!settings_number(text, 3600000, &from, &end) || *end != '-' ||
        !settings_number(end + 1, 3600000, &to, &end) || *end != '\0')
        return false;
    s->dark_from = (int64_t)(from * 1000);
    s->dark = (int64_t)((to - from) * 1000);
    return from < to;
}

// What is asked for; false if that is not understood. argv[optind] is then the
// first operand.
static inline bool settings_parse(struct settings *s, int argc, char *argv[])
{
    static const struct option options[] = {
        // The harms in order, for both ways; the same for the way back.
        {"loss", required_argument, NULL, 'h'},
        {"dup", required_argument, NULL, 'h'},
        {"reorder", required_argument, NULL, 'h'},
        {"corrupt", required_argument, NULL, 'h'},
        {"bitrot", required_argument, NULL, 'h'},
        {"delay", required_argument, NULL, 'h'},
        {"jitter", required_argument, NULL, 'h'},
        {"loss-back", required_argument, NULL, 'b'},
        {"dup-back", required_argument, NULL, 'b'},
        {"reorder-back", required_argument, NULL, 'b'},
        {"corrupt-back", required_argument, NULL, 'b'},
        {"bitrot-back", required_argument, NULL, 'b'},
        {"delay-back", required_argument, NULL, 'b'},
        {"jitter-back", required_argument, NULL, 'b'},
        {"drop", required_argument, NULL, 'd'},
        {"drop-back", required_argument, NULL, 'D'},
        {"dark", required_argument, NULL, 'k'},
        {"seed", required_argument, NULL, 's'},
        {"idle", required_argument, NULL, 'i'},
        {"silent", no_argument, NULL, 'q'},
        {0},
    };
    bool own_way_back[HARMS] = {false};
    int option, which = 0;
    long idle = 60000;

    *s = (struct settings){.seed = 10};
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, &which)) != -1) {
        const int harm = which % HARMS;
        double odds = 0;

        if (option == '?' ||
            ((option == 'h' || option == 'b') &&
             !settings_odds(optarg, harm, &odds)) ||
            (option == 'd' && !number_list_parse(&s->drop[THERE], optarg)) ||
            (option == 'D' && !number_list_parse(&s->drop[BACK], optarg)) ||
            (option == 'k' && !settings_dark(optarg, s)) ||
            (option == 's' && !parse_long(optarg, 0, LONG_MAX, &s->seed)) ||
            (option == 'i' && !parse_long(optarg, 1, 3600000, &idle)))
            return false;
        if (option == 'q')
            s->silent = true;
        if (option == 'h')
            s->odds[THERE][harm] = odds;
        if (option == 'b' || (option == 'h' && !own_way_back[harm]))
            s->odds[BACK][harm] = odds;
        if (option == 'b')
            own_way_back[harm] = true;
    }
    s->idle = idle * INT64_C(1000);
    return true;
}

#endif
