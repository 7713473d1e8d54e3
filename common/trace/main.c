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
#include "check.h"
#include "order.h"
#include "run.h"
#include "state.h"
#include "svg.h"
#include "text.h"

struct options {
    const char *events; // to read, instead of running anything
    const char *save;   // to write them
    const char *svg;    // to write the picture
    const char *html;   // and the picture with these sources beside it
    const char *title;
    long limit_s;
};

static struct options options = {.limit_s = 20, .title = "trace"};

static bool set_option(int option, const char *text)
{
    switch (option) {
    case 'e':
        options.events = text;
        return true;
    case 's':
        options.save = text;
        return true;
    case 'v':
        options.svg = text;
        return true;
    case 'h':
        options.html = text;
        return true;
    case 't':
        options.title = text;
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

// What was asked for, each into its own file.
static void save(const struct events *events, char *const sources[], int count)
{
    const char *const paths[] = {options.save, options.svg, options.html};

    for (int i = 0; i < 3; i++) {
        FILE *file = paths[i] ? fopen(paths[i], "we") : NULL;
        if (!paths[i])
            continue;
        const bool ok =
            file &&
            (i == 0   ? events_write(events, file)
             : i == 1 ? svg_draw(events, options.title, file)
                      : html_draw(events, options.title, sources, count, file));
        if (!ok || fclose(file) == EOF)
            err(1, "%s", paths[i]);
    }
}

// Run them, and find out what happened. Returns the status to end with.
static int trace(char *const commands[], int count, bool untimed,
                 struct events *events)
{
    struct calls calls = {0};
    struct checkpoints checkpoints = {0};
    struct order order = {.untimed = untimed};
    struct agreement agreement;
    int status = 0;

    // Without times nothing may be slower than it has to be: a time limit that
    // runs out would show.
    const bool all_ran = run_commands(commands, count, options.limit_s, &calls,
                                      untimed ? NULL : &checkpoints);
    if (calls.count == 0)
        errx(1, "strace showed no call of %s", commands[0]);
    if (!all_ran) {
        warnx("the first command never said `ready`");
        status = 1;
    }
    if (!order_calls(&order, &calls, events)) {
        warnx("%zu calls could not be put in order, first %s", order.forced,
              order.first_forced);
        status = 1;
    } else {
        state_mark(events);
    }
    check_agreement(&checkpoints, &order, &calls, &agreement);
    if (agreement.disagreements > 0) {
        warnx("%d of %d figures are not the kernel's: %s",
              agreement.disagreements, agreement.figures, agreement.first);
        status = 1;
    }
    if (!untimed && agreement.figures > 0) {
        char note[120];
        snprintf(note, sizeof note,
                 "Compared with the kernel at rest, %d times: %d figures, %d "
                 "of them wrong.",
                 agreement.checkpoints, agreement.figures,
                 agreement.disagreements);
        events_add_note(events, note);
    }
    checkpoints_free(&checkpoints);
    order_free(&order);
    calls_free(&calls);
    return status;
}

int main(int argc, char *argv[])
{
    program_start();
    int untimed = 0;
    const struct option known[] = {
        {"untimed", no_argument, &untimed, 1},
        {"events", required_argument, NULL, 'e'},
        {"save", required_argument, NULL, 's'},
        {"svg", required_argument, NULL, 'v'},
        {"html", required_argument, NULL, 'h'},
        {"title", required_argument, NULL, 't'},
        {"limit", required_argument, NULL, 'l'},
        {0},
    };
    const bool understood = parse_option_values(argc, argv, known, set_option);
    const int count = argc - optind;
    if (!understood || (options.events ? count > 0 && !options.html
                                       : count < 1 || count > COMMANDS_MAX))
        return usage(argc, argv,
                     "trace [--untimed] [--limit SECONDS] [--save FILE] "
                     "[--svg FILE] [--title TEXT] COMMAND...\n"
                     "       trace --events FILE [--svg FILE] [--title TEXT] "
                     "[--html FILE SOURCE...]");

    struct events events = {0};
    int status = 0;
    if (options.events) {
        read_events(options.events, &events);
    } else {
        status = trace(argv + optind, count, untimed, &events);
    }
    save(&events, argv + optind, options.events ? count : 0);
    const bool coloured = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    if (!text_draw(&events, coloured, stdout))
        err(1, "stdout");
    events_free(&events);
    return status;
}
