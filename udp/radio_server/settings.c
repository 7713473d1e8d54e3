/*
 * udp/radio_server/settings.c -- read the command line.
 */
#include "settings.h"

#include "../../common/address.h"
#include "../../common/program.h"

const char settings_synopsis[] =
    "radio_server [--once] [--burst MS] [--raw KBITS] [--ttl N] "
    "GROUP PORT INTERFACE DIR";

bool settings_parse(struct settings *s, int argc, char *argv[])
{
    *s = (struct settings){.burst_ms = 200, .ttl = 1};
    const struct option options[] = {
        {"once", no_argument, &s->once, 1},
        {"burst", required_argument, NULL, 'b'},
        {"raw", required_argument, NULL, 'r'},
        {"ttl", required_argument, NULL, 't'},
        {0},
    };
    bool ok = true;

    opterr = 0;
    for (int option;
         (option = getopt_long(argc, argv, "+", options, NULL)) != -1;)
        switch (option) {
        case 0:
            break;
        case 'b':
            ok &= parse_long(optarg, 0, 3600000, &s->burst_ms);
            break;
        case 'r':
            ok &= parse_long(optarg, 1, 1000000, &s->raw_kbits);
            break;
        case 't':
            ok &= parse_long(optarg, 0, 255, &s->ttl);
            break;
        default:
            ok = false;
        }
    return ok && argc - optind == 4 && is_port(argv[optind + 1]);
}
