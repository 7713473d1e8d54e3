/*
 * udp/relay/settings.c -- read the command line.
 */
#include "settings.h"

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>

#include "../../common/program.h"
#include "trace.h"

const char settings_synopsis[] =
    "relay [OPTION]... ADDRESS PORT TO-ADDRESS TO-PORT";

static const struct option options[] = {
    // The impairments in order, for both ways; the same for the way back.
    {"loss", required_argument, NULL, 'p'},
    {"dup", required_argument, NULL, 'p'},
    {"reorder", required_argument, NULL, 'p'},
    {"corrupt", required_argument, NULL, 'p'},
    {"undetected", required_argument, NULL, 'p'},
    {"delay", required_argument, NULL, 'p'},
    {"jitter", required_argument, NULL, 'p'},
    {"loss-back", required_argument, NULL, 'b'},
    {"dup-back", required_argument, NULL, 'b'},
    {"reorder-back", required_argument, NULL, 'b'},
    {"corrupt-back", required_argument, NULL, 'b'},
    {"undetected-back", required_argument, NULL, 'b'},
    {"delay-back", required_argument, NULL, 'b'},
    {"jitter-back", required_argument, NULL, 'b'},
    {"drop", required_argument, NULL, 'd'},
    {"drop-back", required_argument, NULL, 'D'},
    {"outage", required_argument, NULL, 'o'},
    {"seed", required_argument, NULL, 's'},
    {"idle", required_argument, NULL, 'i'},
    {"silent", no_argument, NULL, 'q'},
    {0},
};

// Set *n to the number that text begins with, if it is in [0, max], and *end to
// what follows it.
static bool parse_number(const char *text, double max, double *n, char **end)
{
    *n = strtod(text, end);
    return *end != text && *n >= 0 && *n <= max;
}

// A percentage or, for the last two, milliseconds.
static bool parse_probability(const char *text, int kind, double *probability)
{
    const bool time = kind == DELAY || kind == JITTER;
    char *end;

    if (!parse_number(text, time ? 60000 : 100, probability, &end) ||
        *end != '\0')
        return false;
    *probability = time ? *probability * 1000 : *probability / 100;
    return true;
}

// FROM-TO, in milliseconds.
static bool parse_outage(const char *text, struct settings *s)
{
    double from, to;
    char *end;

    if (!parse_number(text, 3600000, &from, &end) || *end != '-' ||
        !parse_number(end + 1, 3600000, &to, &end) || *end != '\0')
        return false;
    s->outage_from_us = (int64_t)(from * 1000);
    s->outage_us = (int64_t)((to - from) * 1000);
    return from < to;
}

// An option that is no impairment.
static bool parse_other(struct settings *s, int option)
{
    long idle_ms;

    switch (option) {
    case 'd':
        return number_list_parse(&s->drop[THERE], optarg);
    case 'D':
        return number_list_parse(&s->drop[BACK], optarg);
    case 'o':
        return parse_outage(optarg, s);
    case 's':
        return parse_long(optarg, 0, LONG_MAX, &s->seed);
    case 'i':
        if (!parse_long(optarg, 1, 3600000, &idle_ms))
            return false;
        s->idle_us = idle_ms * INT64_C(1000);
        return true;
    case 'q':
        s->silent = true;
        return true;
    default:
        return false;
    }
}

bool settings_parse(struct settings *s, int argc, char *argv[])
{
    bool given_back[IMPAIRMENTS] = {false};
    int option, which = 0;

    *s = (struct settings){.seed = 10, .idle_us = 60000000};
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, &which)) != -1) {
        const int kind = which % IMPAIRMENTS;
        double probability;

        if (option != 'p' && option != 'b') {
            if (!parse_other(s, option))
                return false;
            continue;
        }
        if (!parse_probability(optarg, kind, &probability))
            return false;
        if (option == 'p')
            s->probability[THERE][kind] = probability;
        if (option == 'b' || !given_back[kind])
            s->probability[BACK][kind] = probability;
        given_back[kind] |= option == 'b';
    }
    return true;
}
