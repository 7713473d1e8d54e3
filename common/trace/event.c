/*
 * common/trace/event.c -- the list of events, and its lines: see event.h.
 */
#define _GNU_SOURCE // reallocarray
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"

static const char *const kind_names[EVENT_KINDS] = {
    [EVENT_CALL] = "call",         [EVENT_WAIT] = "wait",
    [EVENT_RETURN] = "return",     [EVENT_SEND] = "send",
    [EVENT_SENT] = "sent",         [EVENT_RECEIVE] = "receive",
    [EVENT_RECEIVED] = "received", [EVENT_PRINT] = "print",
    [EVENT_FORK] = "fork",         [EVENT_EXEC] = "exec",
    [EVENT_SIGNAL] = "signal",     [EVENT_END] = "end",
    [EVENT_STATE] = "state",
};

static const char *const object_names[OBJECT_KINDS] = {
    [OBJECT_QUEUE] = "queue",
    [OBJECT_POSIX_QUEUE] = "posix-queue",
    [OBJECT_SEMAPHORES] = "semaphores",
    [OBJECT_SEGMENT] = "segment",
    [OBJECT_PIPE] = "pipe",
    [OBJECT_FIFO] = "fifo",
    [OBJECT_CONNECTION] = "connection",
    [OBJECT_LISTENER] = "listener",
    [OBJECT_PORT] = "port",
    [OBJECT_COUNTER] = "counter",
};

static int find(const char *const names[], int count, const char *name)
{
    for (int i = 1; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return 0;
}

// Room for one more of size bytes each.
static void *room_for_one(void *array, size_t count, size_t size)
{
    void *larger = reallocarray(array, count + 1, size);

    if (!larger)
        err(1, "reallocarray");
    return larger;
}

struct event *events_add(struct events *events)
{
    if (events->count == events->room) {
        events->room = events->room ? 2 * events->room : 256;
        events->event =
            reallocarray(events->event, events->room, sizeof events->event[0]);
        if (!events->event)
            err(1, "reallocarray");
    }
    struct event *event = &events->event[events->count++];
    *event = (struct event){
        .time_us = -1, .process = -1, .object = -1, .arrow = -1, .other = -1};
    return event;
}

int events_add_process(struct events *events,
                       const struct event_process *process)
{
    events->processes = room_for_one(
        events->processes, (size_t)events->process_count, sizeof *process);
    events->processes[events->process_count] = *process;
    return events->process_count++;
}

int events_add_object(struct events *events, const struct event_object *object)
{
    events->objects = room_for_one(
        events->objects, (size_t)events->object_count, sizeof *object);
    events->objects[events->object_count] = *object;
    return events->object_count++;
}

void events_add_note(struct events *events, const char *text)
{
    if (events->note_count < 8)
        snprintf(events->notes[events->note_count++], sizeof events->notes[0],
                 "%s", text);
}

void events_free(struct events *events)
{
    free(events->event);
    free(events->processes);
    free(events->objects);
    *events = (struct events){0};
}

#define DRAWN_FIRST 400
#define DRAWN_LAST 100

bool events_left_out(const struct events *events, size_t i)
{
    return i >= DRAWN_FIRST && i + DRAWN_LAST < events->count;
}

size_t events_left_out_count(const struct events *events)
{
    return events->count > DRAWN_FIRST + DRAWN_LAST
               ? events->count - DRAWN_FIRST - DRAWN_LAST
               : 0;
}

bool event_ends_wait(const struct event *event)
{
    return event->kind == EVENT_RETURN || event->kind == EVENT_SENT ||
           event->kind == EVENT_RECEIVED;
}

bool events_write(const struct events *events, FILE *file)
{
    for (int i = 0; i < events->process_count; i++) {
        const struct event_process *p = &events->processes[i];
        fprintf(file, "process\t%d\t%s\t%d\t%d\t%d\n", i, p->name, p->pid,
                p->command, p->parent);
    }
    for (int i = 0; i < events->object_count; i++)
        fprintf(file, "object\t%d\t%s\t%s\n", i,
                object_names[events->objects[i].kind], events->objects[i].name);
    for (int i = 0; i < events->note_count; i++)
        fprintf(file, "note\t%s\n", events->notes[i]);
    for (size_t i = 0; i < events->count; i++) {
        const struct event *e = &events->event[i];
        fprintf(file, "event\t%" PRId64 "\t%d\t%s\t%d\t%d\t%d\t%s\t%s\n",
                e->time_us, e->process, kind_names[e->kind], e->object,
                e->arrow, e->other, e->content, e->text);
    }
    return fflush(file) == 0 && !ferror(file);
}

// The next field, up to a tab; NULL behind the last one.
static const char *next_field(char **rest)
{
    const char *field = strsep(rest, "\t");

    return field ? field : "";
}

static int next_number(char **rest, int min, int max, bool *ok)
{
    char *end;
    const char *field = next_field(rest);
    const long value = strtol(field, &end, 10);

    *ok = *ok && end != field && *end == '\0' && value >= min && value <= max;
    return (int)value;
}

static bool read_event(struct events *events, char *rest)
{
    struct event e = {0};
    bool ok = true;

    e.time_us = strtoll(next_field(&rest), NULL, 10);
    e.process = next_number(&rest, 0, events->process_count - 1, &ok);
    e.kind = (enum event_kind)find(kind_names, EVENT_KINDS, next_field(&rest));
    e.object = next_number(&rest, -1, events->object_count - 1, &ok);
    e.arrow = next_number(&rest, -1, INT32_MAX, &ok);
    e.other = next_number(&rest, -1, events->process_count - 1, &ok);
    snprintf(e.content, sizeof e.content, "%s", next_field(&rest));
    snprintf(e.text, sizeof e.text, "%s", next_field(&rest));
    if (!ok || !e.kind || e.text[0] == '\0')
        return false;
    *events_add(events) = e;
    return true;
}

static bool read_line(struct events *events, char *line)
{
    char *rest = line;
    const char *what = next_field(&rest);
    bool ok = true;

    if (strcmp(what, "event") == 0)
        return read_event(events, rest);
    if (strcmp(what, "note") == 0) {
        events_add_note(events, next_field(&rest));
    } else if (strcmp(what, "object") == 0) {
        struct event_object object = {0};
        next_number(&rest, events->object_count, events->object_count, &ok);
        object.kind = (enum object_kind)find(object_names, OBJECT_KINDS,
                                             next_field(&rest));
        snprintf(object.name, sizeof object.name, "%s", next_field(&rest));
        ok = ok && object.kind;
        events_add_object(events, &object);
    } else if (strcmp(what, "process") == 0) {
        struct event_process process = {0};
        const int number = events->process_count;
        next_number(&rest, number, number, &ok);
        snprintf(process.name, sizeof process.name, "%s", next_field(&rest));
        process.pid = next_number(&rest, 0, INT32_MAX, &ok);
        process.command = next_number(&rest, 0, 99, &ok);
        process.parent = next_number(&rest, -1, number - 1, &ok);
        events_add_process(events, &process);
    } else {
        return false;
    }
    return ok;
}

bool events_read(struct events *events, FILE *file, int *line)
{
    char *text = NULL;
    size_t room = 0;
    bool ok = true;

    for (*line = 1; ok && getline(&text, &room, file) != -1; (*line)++) {
        text[strcspn(text, "\n")] = '\0';
        ok = text[0] == '\0' || text[0] == '#' || read_line(events, text);
    }
    (*line)--;
    free(text);
    return ok;
}
