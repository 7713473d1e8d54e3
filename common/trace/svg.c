/*
 * common/trace/svg.c -- the picture for a browser: see svg.h.
 */
#define _GNU_SOURCE // open_memstream
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "svg.h"

#define TIME_WIDTH 56
#define COLUMN 216
#define MIDDLE 180
#define GAP 54  // for the arrows
#define LANES 6 // of those that are on their way at the same time
#define LANE 5
#define LINE 16
#define HEAD 64 // with a title of one line

struct svg {
    const struct events *events;
    FILE *file;
    int *x;      // of each process's line; 0: it has no event
    int *height; // of each event, in lines
    int *y;
    int *lane;  // of each event that sends: where its arrow goes down; -1
    int middle; // x of what is held
    int width;
    int head; // y of the first event
};

// Colours by what they mean; shapes say the same where there are none.
static const char style[] =
    "<style>\n"
    ".t{--ink:#1a1a1a;--dim:#6b6b6b;--line:#c4c4c4;--bar:#d9a441;"
    "--flow:#1f6f8b;--end:#8b3a62;--held:#eef3f5;--page:#ffffff}\n"
    "@media (prefers-color-scheme:dark){.t{--ink:#e8e8e8;--dim:#a0a0a0;"
    "--line:#4a4a4a;--bar:#b98a35;--flow:#6fc3df;--end:#d58bb0;--held:#22303a;"
    "--page:#161616}}\n"
    ".t text{font:12px ui-monospace,Consolas,Menlo,monospace;fill:var(--ink);"
    "white-space:pre}\n"
    ".t .page{fill:var(--page)}\n"
    ".t .name{font-weight:bold;font-size:13px;text-anchor:middle}\n"
    ".t .dim{fill:var(--dim);font-size:11px}\n"
    ".t .mid{text-anchor:middle}\n"
    ".t .num{text-anchor:end}\n"
    ".t .life{stroke:var(--line);stroke-width:1.5}\n"
    ".t .bar{fill:var(--bar);stroke:var(--ink);stroke-width:.5}\n"
    ".t .flow{stroke:var(--flow);stroke-width:1.6;fill:none}\n"
    ".t .tip{fill:var(--flow)}\n"
    ".t .held{fill:var(--held);stroke:var(--line)}\n"
    ".t .print{font-weight:bold}\n"
    ".t .fork{stroke:var(--dim);stroke-dasharray:4 3;fill:none}\n"
    ".t .end{stroke:var(--end);stroke-width:2.5}\n"
    "</style>\n";

static void put_escaped(FILE *file, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        switch (text[i]) {
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '&':
            fputs("&amp;", file);
            break;
        default:
            putc(text[i], file);
        }
}

// How much of the text fits: to a space, or behind a bar.
static size_t fitting(const char *text, size_t max)
{
    size_t length = strlen(text);

    if (length <= max)
        return length;
    for (size_t n = max; n > max / 2; n--)
        if (text[n] == ' ' || text[n - 1] == '|')
            return n;
    return max;
}

static int lines_of(const char *text, size_t max)
{
    int lines = 0;

    while (*text != '\0') {
        text += fitting(text, max);
        text += *text == ' ';
        lines++;
    }
    return lines > 0 ? lines : 1;
}

static void put_text(const struct svg *s, int x, int y, const char *class,
                     const char *text, size_t max)
{
    for (; *text != '\0'; y += LINE) {
        const size_t n = fitting(text, max);
        fprintf(s->file, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
        put_escaped(s->file, text, n);
        fputs("</text>\n", s->file);
        text += n;
        text += *text == ' ';
    }
}

static size_t title_width(const struct svg *s)
{
    return (size_t)(s->width - 16) / 7;
}

static size_t words_width(void)
{
    return (COLUMN - 40) / 7;
}

static void words_of(const struct event *event, char *words, size_t size)
{
    const bool to_stderr = strncmp(event->text, "stderr: ", 8) == 0;

    if (event->kind == EVENT_PRINT)
        snprintf(words, size, "%s\"%s\"", to_stderr ? "stderr " : "",
                 event->text + (to_stderr ? 8 : 0));
    else
        snprintf(words, size, "%s", event->text);
}

static void content_of(const struct svg *s, const struct event *event,
                       char *words, size_t size)
{
    words[0] = '\0';
    if (event->object >= 0 && s->events->object_count == 1)
        snprintf(words, size, "%s", event->content);
    else if (event->object >= 0)
        snprintf(words, size, "%s: %s", s->events->objects[event->object].name,
                 event->content);
}

// Columns: those of the first command, what is held, the others. One command:
// its first process, what is held, its children.
static void place(struct svg *s)
{
    const struct events *events = s->events;
    bool one = true;
    int x = TIME_WIDTH;

    for (int p = 0; p < events->process_count; p++)
        one = one && events->processes[p].command == 0;
    for (int side = 0; side < 2; side++) {
        for (int p = 0; p < events->process_count; p++) {
            bool seen = false;
            for (size_t i = 0; i < events->count && !seen; i++)
                seen = events->event[i].process == p;
            const bool right = one ? events->processes[p].parent >= 0
                                   : events->processes[p].command > 0;
            if (!seen || right != (side == 1))
                continue;
            s->x[p] = x;
            x += COLUMN;
        }
        if (side == 0) {
            s->middle = x + GAP;
            x += MIDDLE + 2 * GAP;
        }
    }
    s->width = x + 8;
}

static int lay_out(struct svg *s)
{
    int y = s->head;

    for (size_t i = 0; i < s->events->count; i++) {
        char words[200];
        char content[160];
        words_of(&s->events->event[i], words, sizeof words);
        content_of(s, &s->events->event[i], content, sizeof content);
        const int said = lines_of(words, words_width());
        const int held = lines_of(content, MIDDLE / 7 - 1);
        s->height[i] = (said > held ? said : held) * LINE + 10;
        s->y[i] = y;
        if (!events_left_out(s->events, i))
            y += s->height[i];
        else if (!events_left_out(s->events, i - 1))
            y += 2 * LINE;
    }
    return y;
}

static bool sends(const struct event *e)
{
    return e->kind == EVENT_SEND || e->kind == EVENT_SENT ||
           (e->kind == EVENT_WAIT && e->arrow >= 0);
}

static bool receives(const struct event *e)
{
    return e->kind == EVENT_RECEIVE || e->kind == EVENT_RECEIVED;
}

static void put_life(const struct svg *s, int p, int bottom)
{
    int top = s->head;
    int end = bottom;

    for (size_t i = 0; i < s->events->count; i++) {
        const struct event *e = &s->events->event[i];
        if (e->kind == EVENT_FORK && e->other == p)
            top = s->y[i] + 6;
        if (e->kind == EVENT_END && e->process == p)
            end = s->y[i] + 6;
    }
    fprintf(s->file,
            "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"life\"/>\n",
            s->x[p] + 4, top, s->x[p] + 4, end);
}

// From where it begins to wait to where it returns, or ends.
static void put_bar(const struct svg *s, size_t from, int bottom)
{
    const int p = s->events->event[from].process;
    int end = bottom;

    for (size_t i = from + 1; i < s->events->count; i++)
        if (s->events->event[i].process == p) {
            end = s->y[i] + 8;
            break;
        }
    fprintf(s->file,
            "<rect x=\"%d\" y=\"%d\" width=\"8\" height=\"%d\" "
            "class=\"bar\"/>\n",
            s->x[p], s->y[from] + 2, end - s->y[from]);
}

static bool is_left(const struct svg *s, const struct event *e)
{
    return s->x[e->process] < s->middle;
}

// Where a process's arrows begin and end.
static int outer_of(const struct svg *s, const struct event *e)
{
    return is_left(s, e) ? s->x[e->process] + COLUMN - 8 : s->x[e->process] - 4;
}

static int lane_x(const struct svg *s, int lane, bool left)
{
    return left ? s->middle - (lane + 1) * LANE
                : s->middle + MIDDLE + (lane + 1) * LANE;
}

static bool receives_from(const struct svg *s, size_t i, size_t sender)
{
    const struct event *e = &s->events->event[i];

    return receives(e) && e->arrow == s->events->event[sender].arrow &&
           !events_left_out(s->events, i);
}

// The last event that has received what this one sent; 0 if none has.
static size_t last_receiver(const struct svg *s, size_t sender)
{
    size_t last = 0;

    for (size_t i = sender + 1; i < s->events->count; i++)
        if (receives_from(s, i, sender))
            last = i;
    return last;
}

// A lane for each arrow, on the side of who receives it, from the send down to
// the receipt. Without one its number joins the two.
static void plan_lanes(struct svg *s)
{
    int free_from[2][LANES] = {{0}};

    for (size_t i = 0; i < s->events->count; i++) {
        const struct event *e = &s->events->event[i];
        s->lane[i] = -1;
        if (!sends(e) || e->arrow < 0 || events_left_out(s->events, i))
            continue;
        const size_t last = last_receiver(s, i);
        if (last == 0)
            continue;
        int *from = free_from[is_left(s, &s->events->event[last])];
        for (int lane = 0; lane < LANES && s->lane[i] < 0; lane++)
            if (from[lane] <= s->y[i]) {
                s->lane[i] = lane;
                from[lane] = s->y[last] + 12;
            }
    }
}

// A line whose end, if it has one, is at the second point: arrow or cross.
static void put_line(const struct svg *s, int x1, int x2, int y, char end)
{
    const int tip = x2 > x1 ? -7 : 7;

    fprintf(s->file, "<path d=\"M%d %dH%d\" class=\"flow\"/>\n", x1, y,
            end == '>' ? x2 + tip : x2);
    if (end == '>')
        fprintf(s->file, "<path d=\"M%d %dl%d -4v8z\" class=\"tip\"/>\n", x2, y,
                tip);
    if (end == 'x')
        fprintf(s->file, "<path d=\"M%d %dl8 8m0 -8l-8 8\" class=\"end\"/>\n",
                x2 - 4 + tip, y - 4);
}

static void put_number(const struct svg *s, const struct event *e, int y)
{
    fprintf(s->file, "<text x=\"%d\" y=\"%d\" class=\"dim mid\">%d</text>\n",
            is_left(s, e) ? s->middle - GAP + 10
                          : s->middle + MIDDLE + GAP - 10,
            y - 4, e->arrow);
}

// What was sent: into what is held, and from there down to who receives it. The
// same number stands at both ends.
static void put_flow(const struct svg *s, size_t i)
{
    const struct event *e = &s->events->event[i];
    const size_t length = strlen(e->text);
    const bool dropped =
        length > 9 && strcmp(e->text + length - 9, ", dropped") == 0;
    const int y = s->y[i] + 8;
    const int lane = s->lane[i];
    int bottom = y;

    put_line(s, outer_of(s, e), is_left(s, e) ? s->middle : s->middle + MIDDLE,
             y,
             (char)(dropped    ? 'x'
                    : lane < 0 ? '>'
                               : ' '));
    put_number(s, e, y);
    if (lane < 0)
        return;
    const bool left = is_left(s, &s->events->event[last_receiver(s, i)]);
    const int x = lane_x(s, lane, left);
    if (left != is_left(s, e))
        put_line(s, left ? s->middle : s->middle + MIDDLE, x, y, ' ');
    for (size_t k = i + 1; k < s->events->count; k++) {
        const struct event *receiver = &s->events->event[k];
        if (!receives_from(s, k, i) || is_left(s, receiver) != left)
            continue;
        bottom = s->y[k] + 8;
        put_line(s, x, outer_of(s, receiver), bottom, '>');
        put_number(s, receiver, bottom);
    }
    fprintf(s->file, "<path d=\"M%d %dV%d\" class=\"flow\"/>\n", x, y, bottom);
}

// What was received, where no line leads to it: out of what is held.
static void put_receipt(const struct svg *s, size_t i)
{
    const struct event *e = &s->events->event[i];
    const int y = s->y[i] + 8;

    for (size_t k = 0; k < i; k++) {
        const struct event *sender = &s->events->event[k];
        if (sends(sender) && sender->arrow == e->arrow && s->lane[k] >= 0 &&
            is_left(s, &s->events->event[last_receiver(s, k)]) == is_left(s, e))
            return;
    }
    put_line(s, is_left(s, e) ? s->middle : s->middle + MIDDLE, outer_of(s, e),
             y, '>');
    put_number(s, e, y);
}

static void put_flows(const struct svg *s)
{
    for (size_t i = 0; i < s->events->count; i++) {
        const struct event *e = &s->events->event[i];
        if (e->arrow < 0 || events_left_out(s->events, i))
            continue;
        if (sends(e))
            put_flow(s, i);
        else if (receives(e))
            put_receipt(s, i);
    }
}

static void put_event(const struct svg *s, size_t i)
{
    const struct event *e = &s->events->event[i];
    char words[200];
    char content[160];
    const int x = s->x[e->process];
    const int y = s->y[i] + 12;

    words_of(e, words, sizeof words);
    content_of(s, e, content, sizeof content);
    if (e->time_us >= 0) {
        char time[32];
        snprintf(time, sizeof time, "%.1f", (double)e->time_us / 1000);
        put_text(s, TIME_WIDTH - 8, y, "dim num", time, sizeof time);
    }
    if (content[0] != '\0') {
        fprintf(s->file,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" "
                "class=\"held\"/>\n",
                s->middle, s->y[i], MIDDLE, s->height[i] - 6);
        put_text(s, s->middle + MIDDLE / 2, y, "mid", content, MIDDLE / 7 - 1);
    }
    put_text(s, x + 14, y, e->kind == EVENT_PRINT ? "print" : "", words,
             words_width());
    if (e->kind == EVENT_FORK && e->other >= 0 && s->x[e->other] > 0)
        fprintf(s->file, "<path d=\"M%d %dL%d %d\" class=\"fork\"/>\n", x + 60,
                s->y[i] + 7, s->x[e->other] + 4, s->y[i] + 7);
    if (e->kind == EVENT_END)
        fprintf(s->file,
                "<path d=\"M%d %dl10 10m0 -10l-10 10\" "
                "class=\"end\"/>\n",
                x - 1, s->y[i] + 2);
}

static void put_heads(const struct svg *s, const char *title)
{
    const int names = s->head - 24;

    put_text(s, 8, 20, "dim", title, title_width(s));
    for (int p = 0; p < s->events->process_count; p++) {
        char pid[32];
        if (s->x[p] == 0)
            continue;
        put_text(s, s->x[p] + COLUMN / 2 - 20, names, "name",
                 s->events->processes[p].name, 40);
        snprintf(pid, sizeof pid, "process %d", s->events->processes[p].pid);
        if (s->events->processes[p].pid > 0)
            put_text(s, s->x[p] + COLUMN / 2 - 20, names + 14, "dim mid", pid,
                     40);
    }
    put_text(s, s->middle + MIDDLE / 2, names, "name",
             s->events->object_count == 1 ? s->events->objects[0].name
                                          : "in the kernel",
             40);
}

bool svg_draw(const struct events *events, const char *title, FILE *file)
{
    const size_t processes = (size_t)events->process_count + 1;
    struct svg s = {.events = events, .file = file};

    s.x = calloc(processes, sizeof *s.x);
    s.height = calloc(events->count + 1, sizeof *s.height);
    s.y = calloc(events->count + 1, sizeof *s.y);
    s.lane = calloc(events->count + 1, sizeof *s.lane);
    if (!s.x || !s.height || !s.y || !s.lane)
        err(1, "calloc");
    place(&s);
    s.head = HEAD + (lines_of(title, title_width(&s)) - 1) * LINE;
    const int bottom = lay_out(&s);
    plan_lanes(&s);
    const int height = bottom + 16 + events->note_count * LINE;

    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"t\" "
            "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n"
            "<title>",
            s.width, height, s.width, height);
    put_escaped(file, title, strlen(title));
    fprintf(file,
            "</title>\n%s<rect width=\"100%%\" height=\"100%%\" "
            "class=\"page\"/>\n",
            style);
    put_heads(&s, title);
    for (int p = 0; p < events->process_count; p++)
        if (s.x[p] > 0)
            put_life(&s, p, bottom);
    for (size_t i = 0; i < events->count; i++)
        if (events->event[i].kind == EVENT_WAIT)
            put_bar(&s, i, bottom);
    put_flows(&s);
    for (size_t i = 0; i < events->count; i++) {
        char words[80];
        if (!events_left_out(events, i)) {
            put_event(&s, i);
        } else if (!events_left_out(events, i - 1)) {
            snprintf(words, sizeof words, "... %zu events more ...",
                     events_left_out_count(events));
            put_text(&s, TIME_WIDTH, s.y[i] + LINE, "dim", words, 80);
        }
    }
    for (int i = 0; i < events->note_count; i++)
        put_text(&s, 8, bottom + (i + 1) * LINE, "dim", events->notes[i], 200);
    fputs("</svg>\n", file);
    free(s.x);
    free(s.height);
    free(s.y);
    free(s.lane);
    return fflush(file) == 0 && !ferror(file);
}

static bool put_source(const char *path, FILE *file)
{
    char bytes[4096];
    FILE *source = fopen(path, "re");
    size_t n;

    if (!source)
        return false;
    fputs("<section><h2>", file);
    put_escaped(file, path, strlen(path));
    fputs("</h2><pre>", file);
    while ((n = fread(bytes, 1, sizeof bytes, source)) > 0)
        put_escaped(file, bytes, n);
    fputs("</pre></section>\n", file);
    fclose(source);
    return true;
}

bool html_draw(const struct events *events, const char *title,
               char *const sources[], int count, FILE *file)
{
    bool ok = true;

    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
          file);
    put_escaped(file, title, strlen(title));
    fputs("</title>\n<style>\n:root{color-scheme:light dark}\n"
          "body{margin:1em;font-family:system-ui,sans-serif}\n"
          "main{display:flex;flex-wrap:wrap;gap:2em;align-items:flex-start}\n"
          "pre{font:12px ui-monospace,Consolas,Menlo,monospace}\n"
          "h2{font-size:1em}\nsvg{max-width:100%;height:auto}\n"
          "</style></head><body>\n<main>\n<div>\n",
          file);
    ok = svg_draw(events, title, file);
    fputs("</div>\n", file);
    for (int i = 0; i < count; i++)
        ok = put_source(sources[i], file) && ok;
    fputs("</main>\n</body></html>\n", file);
    return fflush(file) == 0 && !ferror(file) && ok;
}
