/*
 * common/trace/text.c -- the picture for a terminal: see text.h.
 */
#define _GNU_SOURCE // strchrnul
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define WIDTH 80
#define TIME_WIDTH 7
#define GUTTER 7 // for an arrow: " --12-> "

// How far what is drawn has come: who is there, and who waits.
struct drawing {
    const struct events *events;
    FILE *file;
    bool coloured;
    bool timed;
    int content; // width of what is held
    char line[1024];
    size_t length;
    bool *alive;
    bool *waits;
    int *column; // of each process; -1: it has no event
    int columns;
};

// Text that is broken into lines at spaces, a line at a time.
struct lines {
    const char *rest;
};

static size_t characters(const char *text, size_t bytes)
{
    size_t count = 0;

    for (size_t i = 0; i < bytes; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80; // UTF-8
    return count;
}

// The next line of at most width characters; its length in bytes is returned.
static size_t next_line(struct lines *lines, size_t width, const char **line)
{
    while (*lines->rest == ' ')
        lines->rest++;
    *line = lines->rest;
    size_t end = strlen(lines->rest);
    if (characters(lines->rest, end) > width) {
        size_t fits = 0;
        size_t space = 0;
        for (size_t n = 0; n <= width; fits++) {
            if (n > 0 &&
                (lines->rest[fits] == ' ' || lines->rest[fits - 1] == '|'))
                space = fits;
            n += ((unsigned char)lines->rest[fits + 1] & 0xc0) != 0x80;
        }
        end = space > 0 ? space : fits - 1;
    }
    lines->rest += end;
    return end;
}

static const char *colour_of(const struct event *event)
{
    switch (event->kind) {
    case EVENT_PRINT:
        return "\033[1m";
    case EVENT_SEND:
    case EVENT_SENT:
    case EVENT_RECEIVE:
    case EVENT_RECEIVED:
        return "\033[36m";
    case EVENT_SIGNAL:
    case EVENT_END:
        return "\033[35m";
    default:
        return "";
    }
}

// One line of a cell, padded to its width.
static void cell(struct drawing *d, const char *colour, const char *text,
                 size_t bytes, int width)
{
    const int pad = width - (int)characters(text, bytes);
    const bool plain = !d->coloured || !*colour || bytes == 0;

    if (d->length >= sizeof d->line)
        return;
    d->length +=
        (size_t)snprintf(d->line + d->length, sizeof d->line - d->length,
                         "%s%.*s%s%*s", plain ? "" : colour, (int)bytes, text,
                         plain ? "" : "\033[0m", pad > 0 ? pad : 0, "");
}

static void end_line(struct drawing *d)
{
    if (d->length >= sizeof d->line)
        d->length = sizeof d->line - 1;
    while (d->length > 0 && d->line[d->length - 1] == ' ')
        d->length--;
    fprintf(d->file, "%.*s\n", (int)d->length, d->line);
    d->length = 0;
}

static void put_time(struct drawing *d, const struct event *event)
{
    char text[24] = "";

    if (!d->timed)
        return;
    if (event)
        snprintf(text, sizeof text, "%6.1f", (double)event->time_us / 1000);
    cell(d, "\033[2m", text, strlen(text), TIME_WIDTH);
}

// What a program prints stands in quotes.
static void words_of(const struct event *event, char *words, size_t size)
{
    if (event->kind == EVENT_PRINT && strncmp(event->text, "stderr: ", 8) == 0)
        snprintf(words, size, "stderr \"%s\"", event->text + 8);
    else if (event->kind == EVENT_PRINT)
        snprintf(words, size, "\"%s\"", event->text);
    else
        snprintf(words, size, "%s", event->text);
}

static void content_of(struct drawing *d, const struct event *event,
                       char *words, size_t size)
{
    words[0] = '\0';
    if (event->object < 0)
        return;
    if (d->events->object_count == 1)
        snprintf(words, size, "%s", event->content);
    else
        snprintf(words, size, "%s: %s", d->events->objects[event->object].name,
                 event->content);
}

// "--12->", to the right or to the left.
static void arrow(struct drawing *d, int number, bool right)
{
    char text[GUTTER + 1] = " ----- ";
    char digits[16];
    const int length = snprintf(digits, sizeof digits, "%d", number % 10000);
    const int from = (right ? 2 : 3) - (length > 3); // one dash less

    text[right ? GUTTER - 2 : 1] = right ? '>' : '<';
    memcpy(text + from, digits, (size_t)length);
    cell(d, "\033[36m", text, strlen(text), GUTTER);
}

static bool is_send(const struct event *event)
{
    return event->kind == EVENT_SEND || event->kind == EVENT_SENT ||
           (event->kind == EVENT_WAIT && event->arrow >= 0);
}

static bool is_receive(const struct event *event)
{
    return event->kind == EVENT_RECEIVE || event->kind == EVENT_RECEIVED;
}

static void gutter(struct drawing *d, const struct event *event, bool first,
                   int side)
{
    // Left of what is held, to send is to go right; right of it, to go left.
    if (first && event->arrow >= 0 && d->column[event->process] == side &&
        (is_send(event) || is_receive(event)))
        arrow(d, event->arrow, is_send(event) == (side == 0));
    else
        cell(d, "", "", 0, GUTTER);
}

static void bar(struct drawing *d, int column)
{
    bool waits = false;

    for (int p = 0; p < d->events->process_count; p++)
        waits = waits || (d->column[p] == column && d->waits[p]);
    cell(d, "\033[33m", waits ? "# " : "  ", 2, 2);
}

// Two columns of words, and what is held in the middle.
static void draw_wide(struct drawing *d, const struct event *event)
{
    char words[200];
    char content[160];
    const int side =
        (WIDTH - 1 - (d->timed ? TIME_WIDTH : 0) - d->content - 2 * GUTTER) / 2;
    struct lines text = {words};
    struct lines middle = {content};

    words_of(event, words, sizeof words);
    content_of(d, event, content, sizeof content);
    for (bool first = true; first || *text.rest || *middle.rest;
         first = false) {
        const char *line;
        const char *held;
        const size_t length = next_line(&text, (size_t)side - 2, &line);
        const size_t held_length =
            next_line(&middle, (size_t)d->content, &held);
        const int column = d->column[event->process];

        put_time(d, first ? event : NULL);
        bar(d, 0);
        cell(d, colour_of(event), line, column == 0 ? length : 0, side - 2);
        gutter(d, event, first, 0);
        cell(d, "", held, held_length, d->content);
        gutter(d, event, first, 1);
        bar(d, 1);
        cell(d, colour_of(event), line, column == 1 ? length : 0, 0);
        end_line(d);
    }
}

static int lane_width(struct drawing *d)
{
    return d->columns <= 8 ? 3 : d->columns <= 14 ? 2 : 1;
}

// What stands in a process's column where another one, or it, has an event.
static const char *mark_of(struct drawing *d, const struct event *event, int p,
                           bool first)
{
    if (first && event->process == p)
        return is_send(event)             ? ">"
               : is_receive(event)        ? "<"
               : event->kind == EVENT_END ? "x"
                                          : "o";
    if (first && event->kind == EVENT_FORK && event->other == p)
        return "+";
    return d->waits[p] ? "#" : d->alive[p] ? "|" : " ";
}

static void lanes(struct drawing *d, const struct event *event, bool first)
{
    for (int column = 0; column < d->columns; column++)
        for (int p = 0; p < d->events->process_count; p++) {
            const bool here = first && event->process == p;
            if (d->column[p] != column)
                continue;
            cell(d,
                 here          ? colour_of(event)
                 : d->waits[p] ? "\033[33m"
                               : "",
                 mark_of(d, event, p, first), 1, lane_width(d));
        }
}

// A narrow column for each process, and the words beside them.
static void draw_narrow(struct drawing *d, const struct event *event)
{
    char said[200];
    char words[260];
    char content[160];
    const int width = WIDTH - 2 - (d->timed ? TIME_WIDTH : 0) -
                      d->columns * lane_width(d) - d->content;
    struct lines text = {words};
    struct lines middle = {content};

    words_of(event, said, sizeof said);
    if (event->arrow >= 0 && (is_send(event) || is_receive(event)))
        snprintf(words, sizeof words, "%d %s (%s%d)",
                 d->column[event->process] + 1, said,
                 is_send(event) ? "->" : "<-", event->arrow);
    else
        snprintf(words, sizeof words, "%d %s", d->column[event->process] + 1,
                 said);
    content_of(d, event, content, sizeof content);
    for (bool first = true; first || *text.rest || *middle.rest;
         first = false) {
        const char *line;
        const char *held;
        const size_t length = next_line(&text, (size_t)width, &line);
        const size_t held_length =
            next_line(&middle, (size_t)d->content, &held);
        put_time(d, first ? event : NULL);
        lanes(d, event, first);
        cell(d, colour_of(event), line, length, width);
        cell(d, "", "", 0, 1);
        cell(d, "", held, held_length, 0);
        end_line(d);
    }
}

static void heading_wide(struct drawing *d)
{
    const int side =
        (WIDTH - 1 - (d->timed ? TIME_WIDTH : 0) - d->content - 2 * GUTTER) / 2;
    const char *names[2] = {"", ""};
    const char *held = d->events->object_count == 1 ? d->events->objects[0].name
                       : d->events->object_count > 1 ? "in the kernel"
                                                     : "";

    for (int p = 0; p < d->events->process_count; p++)
        if (d->column[p] >= 0)
            names[d->column[p]] = d->events->processes[p].name;
    cell(d, "\033[2m", d->timed ? "    ms" : "", d->timed ? 6 : 0,
         d->timed ? TIME_WIDTH : 0);
    cell(d, "", "", 0, 2);
    cell(d, "\033[1m", names[0], strlen(names[0]), side - 2 + GUTTER);
    cell(d, "\033[1m", held, strlen(held), d->content + GUTTER);
    cell(d, "", "", 0, 2);
    cell(d, "\033[1m", names[1], strlen(names[1]), 0);
    end_line(d);
}

static void heading_narrow(struct drawing *d)
{
    for (int column = 0; column < d->columns; column++)
        for (int p = 0; p < d->events->process_count; p++) {
            const struct event_process *process = &d->events->processes[p];
            if (d->column[p] != column)
                continue;
            char words[120];
            int n = snprintf(words, sizeof words, "%d %s", column + 1,
                             process->name);
            if (process->pid > 0)
                n += snprintf(words + n, sizeof words - (size_t)n,
                              ", process %d", process->pid);
            if (process->parent >= 0 && d->column[process->parent] >= 0)
                n +=
                    snprintf(words + n, sizeof words - (size_t)n,
                             ", started by %d", d->column[process->parent] + 1);
            cell(d, "", "", 0, d->timed ? TIME_WIDTH : 0);
            cell(d, "", words, (size_t)n, 0);
            end_line(d);
        }
    cell(d, "\033[2m", d->timed ? "    ms" : "", d->timed ? 6 : 0,
         d->timed ? TIME_WIDTH : 0);
    for (int column = 0; column < d->columns; column++) {
        char number[16];
        snprintf(number, sizeof number, "%d", (column + 1) % 10);
        cell(d, "\033[1m", number, 1, lane_width(d));
    }
    end_line(d);
}

// A column for each process that has an event, in their order.
static bool start(struct drawing *d, const struct events *events)
{
    const size_t count = (size_t)events->process_count + 1;

    d->alive = calloc(count, sizeof *d->alive);
    d->waits = calloc(count, sizeof *d->waits);
    d->column = calloc(count, sizeof *d->column);
    if (!d->alive || !d->waits || !d->column)
        err(1, "calloc");
    for (int p = 0; p < events->process_count; p++) {
        bool seen = false;
        for (size_t i = 0; i < events->count && !seen; i++)
            seen = events->event[i].process == p;
        d->column[p] = seen ? d->columns++ : -1;
    }
    return true;
}

static void draw(struct drawing *d, const struct event *event, bool wide)
{
    if (wide)
        draw_wide(d, event);
    else
        draw_narrow(d, event);
}

bool text_draw(const struct events *events, bool coloured, FILE *file)
{
    struct drawing d = {
        .events = events,
        .file = file,
        .coloured = coloured,
        .timed = events->count > 0 && events->event[0].time_us >= 0,
    };

    d.content = d.timed ? 16 : 20;
    if (!start(&d, events))
        return false;
    const bool wide = d.columns <= 2;
    if (wide)
        heading_wide(&d);
    else
        heading_narrow(&d);
    for (size_t i = 0; i < events->count; i++) {
        const struct event *event = &events->event[i];
        d.alive[event->process] = true;
        if (event->kind == EVENT_WAIT)
            d.waits[event->process] = true;
        if (!events_left_out(events, i))
            draw(&d, event, wide);
        else if (!events_left_out(events, i - 1))
            fprintf(file, "... %zu events more; --save has them all ...\n",
                    events_left_out_count(events));
        if (event_ends_wait(event) || event->kind == EVENT_END)
            d.waits[event->process] = false;
        if (event->kind == EVENT_END)
            d.alive[event->process] = false;
        if (event->kind == EVENT_FORK && event->other >= 0)
            d.alive[event->other] = true;
    }
    for (int i = 0; i < events->note_count; i++)
        fprintf(file, "%s\n", events->notes[i]);
    free(d.alive);
    free(d.waits);
    free(d.column);
    return fflush(file) == 0 && !ferror(file);
}
