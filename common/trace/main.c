/*
 * common/trace/main.c -- what several processes do, and what the kernel holds
 * meanwhile, on one page.
 *
 * Shows:   strace(1) stops a process before and after each call. One strace for
 *          each command writes into a FIFO, poll reads them all, and a model of
 *          the kernel's objects puts the calls of several processes in an order
 *          in which they can have happened.
 *
 * Run:     $ build/common/trace --untimed 'echo ready'
 *
 * Prints:    echo
 *            exec echo ready
 *            "ready"
 *            ends
 *
 * Read:    strace(1), mkfifo(3), pipe(2), fork(2), execlp(3), poll(2),
 *          waitpid(2)
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../program.h"
#include "order.h"
#include "run.h"
#include "text.h"

struct options {
    const char *events; // to read, instead of running anything
    const char *save;   // to write them
    long limit_s;
};

static struct options options = {.limit_s = 20};

static bool value(int option, const char *text)
{
    switch (option) {
    case 'e':
        options.events = text;
        return true;
    case 's':
        options.save = text;
        return true;
    default:
        return parse_long(text, 1, 3600, &options.limit_s);
    }
}

static void read_events(const char *path, struct events *events)
{
    int line;
    FILE *file = fopen(path, "re");

    if (!file)
        err(1, "%s", path);
    if (!events_read(events, file, &line))
        errx(1, "%s:%d: not a line of events", path, line);
    fclose(file);
}

static void save_events(const char *path, const struct events *events)
{
    FILE *file = fopen(path, "we");

    if (!file || !events_write(events, file) || fclose(file) == EOF)
        err(1, "%s", path);
}

int main(int argc, char *argv[])
{
    program_start();
    int untimed = 0;
    const struct option known[] = {
        {"untimed", no_argument, &untimed, 1},
        {"events", required_argument, NULL, 'e'},
        {"save", required_argument, NULL, 's'},
        {"limit", required_argument, NULL, 'l'},
        {0},
    };
    const bool understood = parse_option_values(argc, argv, known, value);
    const int count = argc - optind;
    if (!understood ||
        (options.events ? count != 0 : count < 1 || count > COMMANDS_MAX))
        return usage(argc, argv,
                     "trace [--untimed] [--limit SECONDS] [--save FILE] "
                     "COMMAND...\n       trace --events FILE");

    struct events events = {0};
    int status = 0;
    if (options.events) {
        read_events(options.events, &events);
    } else {
        struct calls calls = {0};
        struct order order = {.untimed = untimed};
        if (!run_commands(argv + optind, count, options.limit_s, &calls)) {
            warnx("the first command never said `ready`");
            status = 1;
        }
        if (!order_calls(&order, &calls, &events)) {
            warnx("%zu calls could not be put in order, first %s", order.forced,
                  order.first_forced);
            status = 1;
        }
        order_free(&order);
        calls_free(&calls);
    }
    if (options.save)
        save_events(options.save, &events);
    const bool coloured = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    if (!text_draw(&events, coloured, stdout))
        err(1, "stdout");
    events_free(&events);
    return status;
}
