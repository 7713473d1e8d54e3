/*
 * udp/radio_player/settings.c -- read the command line.
 */
#include "settings.h"

#include "../../common/address.h"
#include "../../common/program.h"
#include "../../common/radio.h"

const char settings_synopsis[] =
    "radio_player [--channel N] [--wait S] GROUP PORT INTERFACE "
    "-- DECODER [ARG...]\n"
    "       radio_player --list [--wait S] GROUP PORT INTERFACE";

bool settings_parse(struct settings *s, int argc, char *argv[])
{
    *s = (struct settings){.timeout_s = 10};
    const struct option options[] = {
        {"list", no_argument, &s->list, 1},
        {"channel", required_argument, NULL, 'c'},
        {"wait", required_argument, NULL, 'w'},
        {0},
    };
    bool ok = true;

    opterr = 0;
    for (int option;
         (option = getopt_long(argc, argv, "+", options, NULL)) != -1;)
        if (option == 'c')
            ok &= parse_long(optarg, 1, RADIO_CHANNELS_MAX, &s->channel);
        else if (option == 'w')
            ok &= parse_long(optarg, 1, 3600, &s->timeout_s);
        else
            ok &= option == 0;

    const int operands = argc - optind;
    return ok && operands >= 3 && is_port(argv[optind + 1]) &&
           (s->list ? operands == 3
                    : operands > 4 && strcmp(argv[optind + 3], "--") == 0);
}
