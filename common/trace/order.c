/*
 * common/trace/order.c -- the calls are played through the model: see order.h.
 */
#define _GNU_SOURCE // reallocarray
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"

#define RULES_MAX 400 // after so many attempts it is given up

// One process's calls, and how far it is.
struct queue {
    size_t *calls; // in its own order
    size_t count;
    size_t next;
    bool begun; // the next one waits,
    bool shown; // and that has a line
};

struct play {
    const struct order *order;
    const struct calls *calls;
    struct model model;
    struct queue *queues; // one for each process of the model
    struct events *events;
    bool *done; // for each call
    size_t *played;
    size_t count;
    int64_t start_us;
    size_t watched;      // a call, counted from 1, and
    int watched_process; // its process:
    size_t ended_it;     // the last call before which it could have returned
};

// What the lines of a process say about each other: a call has ended when the
// next one begins, and the process between its exit_group and its record.
static void prepare(struct calls *calls)
{
    for (size_t i = calls->count; i-- > 0;) {
        struct call *call = &calls->call[i];
        struct call *next = NULL;
        for (size_t k = i + 1; k < calls->count && !next; k++)
            if (calls->call[k].pid == call->pid)
                next = &calls->call[k];
        call->latest_us = next ? next->begin_us : INT64_MAX;
        if (next && next->kind == CALL_EXIT)
            next->begin_us = strncmp(call->name, "exit", 4) == 0
                                 ? call->begin_us
                                 : call->end_us;
    }
}

static void make_queues(struct play *play)
{
    const size_t processes = (size_t)play->model.process_count;

    play->queues = calloc(processes ? processes : 1, sizeof *play->queues);
    if (!play->queues)
        err(1, "calloc");
    for (size_t i = 0; i < play->calls->count; i++) {
        const struct call *call = &play->calls->call[i];
        struct queue *q =
            &play->queues[model_process_number(&play->model, call->pid)];
        if (strncmp(call->name, "exit", 4) == 0)
            continue;
        if ((q->count & (q->count - 1)) == 0) // 0, 1, 2, 4, 8: is full
            q->calls = reallocarray(q->calls, q->count ? 2 * q->count : 1,
                                    sizeof *q->calls);
        if (!q->calls)
            err(1, "reallocarray");
        q->calls[q->count++] = i;
    }
}

static const struct call *next_call(const struct play *play, int p)
{
    const struct queue *q = &play->queues[p];

    return q->next < q->count ? &play->calls->call[q->calls[q->next]] : NULL;
}

// Whether a rule keeps this call back.
static bool held(const struct play *play, size_t call)
{
    const struct order *order = play->order;

    for (size_t i = 0; i < order->rules; i++)
        if (order->before[2 * i + 1] == call &&
            !play->done[order->before[2 * i]])
            return true;
    return false;
}

static bool can_happen(struct play *play, int p)
{
    const struct call *call = next_call(play, p);

    return call && call->returned &&
           !held(play, play->queues[p].calls[play->queues[p].next]) &&
           model_can(&play->model, call);
}

// Stamps are of when a call began or ended: what happened later can have an
// earlier one.
static void set_time(const struct play *play, struct event *event, int64_t us)
{
    const struct events *events = play->events;
    const int64_t last =
        events->count > 0 ? events->event[events->count - 1].time_us : 0;

    event->time_us = us - play->start_us;
    if (event->time_us < last)
        event->time_us = last;
    if (play->order->untimed)
        event->time_us = -1;
}

// Whether the watched call could happen now: its process has come so far, or
// only has to sleep until then.
static bool watched_can(struct play *play)
{
    const struct queue *w = &play->queues[play->watched_process];
    size_t i = w->next;

    while (i < w->count && w->calls[i] != play->watched - 1 &&
           model_is_timed(&play->model, &play->calls->call[w->calls[i]]))
        i++;
    return i < w->count && w->calls[i] == play->watched - 1 &&
           model_can(&play->model, &play->calls->call[w->calls[i]]);
}

// The process's next call happens, all of it or the rest of it.
static void finish(struct play *play, int p)
{
    struct queue *q = &play->queues[p];
    const struct call *call = next_call(play, p);
    struct event event = {.object = -1, .arrow = -1, .other = -1};
    const bool waited = q->shown;

    if (play->watched && p != play->watched_process && watched_can(play))
        play->ended_it = q->calls[q->next] + 1;
    if (call->returned && model_do(&play->model, call, waited, &event)) {
        if (waited)
            event.kind = event.kind == EVENT_SEND      ? EVENT_SENT
                         : event.kind == EVENT_RECEIVE ? EVENT_RECEIVED
                                                       : EVENT_RETURN;
        set_time(play, &event, waited ? call->end_us : call->begin_us);
        *events_add(play->events) = event;
    }
    play->done[q->calls[q->next]] = true;
    play->played[play->count++] = q->calls[q->next];
    q->next++;
    q->begun = q->shown = false;
}

static void begin_call(struct play *play, int p)
{
    const struct call *call = next_call(play, p);
    struct event event = {.object = -1, .arrow = -1, .other = -1};

    play->queues[p].begun = true;
    if (model_can(&play->model, call) && call->returned &&
        !model_is_timed(&play->model, call))
        return; // a rule holds it, and not the kernel
    if (!model_begin(&play->model, call, &event) || call->kind != CALL_SYSTEM)
        return;
    play->queues[p].shown = true;
    set_time(play, &event, call->begin_us);
    *events_add(play->events) = event;
}

// Whether process p goes before process q. Without stamps: the passive end
// before the active one, and a child before its parent.
static bool goes_first(const struct play *play, int p, int q)
{
    const struct process *processes = play->model.processes;

    if (!play->order->untimed)
        return next_call(play, p)->begin_us < next_call(play, q)->begin_us;
    if (processes[p].command != processes[q].command)
        return processes[p].command < processes[q].command;
    return p > q;
}

// Whether one of the operations of a semop(2) is to wait for zero.
static bool waits_for_zero(const struct call *call)
{
    char operations[2048];
    char amount[16];

    if (strncmp(call->name, "sem", 3) != 0)
        return false;
    call_arg(call, 1, operations, sizeof operations);
    for (const char *at = strchr(operations, '{'); at; at = strchr(at + 1, '{'))
        if (strcmp(text_member(at, 1, amount, sizeof amount), "0") == 0)
            return true;
    return false;
}

// Whether two calls that wait may return in any order: both wait for zero,
// which changes nothing; or the same time has passed since they began together.
static bool in_any_order(const struct call *a, const struct call *b)
{
    const int64_t together_us = (a->end_us - a->begin_us) / 5;

    if (waits_for_zero(a) && waits_for_zero(b))
        return true;
    return strcmp(a->name, b->name) == 0 && a->error[0] != '\0' &&
           strcmp(a->error, b->error) == 0 &&
           llabs(a->begin_us - b->begin_us) < together_us &&
           llabs(a->end_us - b->end_us) < together_us;
}

// Whether p, which waits, returns before q does.
static bool returns_first(const struct play *play, int p, int q)
{
    const struct call *a = next_call(play, p);
    const struct call *b = next_call(play, q);

    if (!a || !b)
        return a; // the other one has nothing to return from
    if (play->order->untimed && in_any_order(a, b))
        return goes_first(play, p, q);
    return a->end_us < b->end_us;
}

// A call that waits and can return: the one that did so first. Time alone ends
// some; without stamps these come when nothing else can go on.
static int next_to_return(struct play *play, bool timed)
{
    int chosen = -1;

    for (int p = 0; p < play->model.process_count; p++) {
        const struct call *call = next_call(play, p);
        if (!call || !play->queues[p].begun)
            continue;
        if (model_is_timed(&play->model, call) && !timed)
            continue;
        if (!(can_happen(play, p) || (timed && !call->returned)))
            continue;
        if (chosen == -1 || returns_first(play, p, chosen))
            chosen = p;
    }
    return chosen;
}

// The next call that begins.
static int next_to_begin(const struct play *play)
{
    int chosen = -1;

    for (int p = 0; p < play->model.process_count; p++)
        if (next_call(play, p) && !play->queues[p].begun &&
            play->model.processes[p].exists &&
            (chosen == -1 || goes_first(play, p, chosen)))
            chosen = p;
    return chosen;
}

// One step. False if there is none.
static bool next_step(struct play *play)
{
    int p = next_to_return(play, false);

    if (p >= 0) {
        finish(play, p);
        return true;
    }
    p = next_to_begin(play);
    const int timed = next_to_return(play, true);
    if (timed >= 0 && (p < 0 || (!play->order->untimed &&
                                 next_call(play, timed)->end_us <
                                     next_call(play, p)->begin_us))) {
        finish(play, timed);
        return true;
    }
    if (p < 0)
        return false;
    const struct call *call = next_call(play, p);
    const bool timed_call = model_is_timed(&play->model, call) &&
                            (call->kind == CALL_SYSTEM || play->order->untimed);
    if (timed_call || !can_happen(play, p))
        begin_call(play, p);
    else
        finish(play, p);
    return true;
}

static void start(struct play *play, const struct order *order,
                  const struct calls *calls, struct events *events)
{
    *play = (struct play){.order = order, .calls = calls, .events = events};
    model_start(&play->model, calls, order->dropped);
    make_queues(play);
    play->done = calloc(calls->count + 1, sizeof *play->done);
    play->played = calloc(calls->count + 1, sizeof *play->played);
    if (!play->done || !play->played)
        err(1, "calloc");
    play->start_us = INT64_MAX;
    for (size_t i = 0; i < calls->count; i++)
        if (calls->call[i].begin_us < play->start_us)
            play->start_us = calls->call[i].begin_us;
}

static void stop(struct play *play)
{
    for (int p = 0; p < play->model.process_count; p++)
        free(play->queues[p].calls);
    free(play->queues);
    free(play->done);
    free(play->played);
    model_end(&play->model);
}

// Play until nothing goes on any more. True if that is because all is done.
static bool play_all(struct play *play)
{
    while (next_step(play))
        ;
    for (int p = 0; p < play->model.process_count; p++)
        if (next_call(play, p))
            return false;
    return true;
}

static void keep_rule(struct order *order, size_t before, size_t after)
{
    order->before = reallocarray(order->before, order->rules + 1,
                                 2 * sizeof *order->before);
    if (!order->before)
        err(1, "reallocarray");
    order->before[2 * order->rules] = before;
    order->before[2 * order->rules + 1] = after;
    order->rules++;
}

// The last call of another process before which this one, which is stuck,
// could have returned. SIZE_MAX if there is none.
static size_t could_return_before(const struct play *stuck,
                                  const struct order *order, int p)
{
    struct events unused = {0};
    struct play again;

    start(&again, order, stuck->calls, &unused);
    again.watched = stuck->queues[p].calls[stuck->queues[p].next] + 1;
    again.watched_process = p;
    play_all(&again);
    const size_t ended_it = again.ended_it;
    stop(&again);
    events_free(&unused);
    return ended_it - 1;
}

// The last one that was played and whose time overlaps this one's, of those
// that no rule has yet: its own process had not come so far by then.
static size_t overlaps(const struct play *stuck, const struct order *order,
                       size_t index)
{
    const struct call *call = &stuck->calls->call[index];

    for (size_t i = stuck->count; i-- > 0;) {
        const size_t other = stuck->played[i];
        const struct call *o = &stuck->calls->call[other];
        bool known = false;
        for (size_t r = 0; r < order->rules; r++)
            known = known || (order->before[2 * r] == index &&
                              order->before[2 * r + 1] == other);
        if (!known && o->pid != call->pid && o->latest_us >= call->begin_us &&
            o->begin_us <= call->latest_us)
            return other;
    }
    return SIZE_MAX;
}

// For one of the calls that are stuck, one before which it comes from now on.
static bool add_rule(const struct play *stuck, struct order *order)
{
    for (int pass = 0; pass < 2; pass++)
        for (int p = 0; p < stuck->model.process_count; p++) {
            const struct call *call = next_call(stuck, p);
            if (!call || !stuck->queues[p].begun || !call->returned)
                continue;
            const size_t index = stuck->queues[p].calls[stuck->queues[p].next];
            const size_t other = pass == 0
                                     ? could_return_before(stuck, order, p)
                                     : overlaps(stuck, order, index);
            if (other == SIZE_MAX ||
                stuck->calls->call[other].latest_us < call->begin_us)
                continue;
            keep_rule(order, index, other);
            return true;
        }
    return false;
}

// No order is found: let the one that waited and returned first have its way.
static bool force(struct play *play, struct order *order)
{
    int chosen = -1;

    for (int p = 0; p < play->model.process_count; p++) {
        const struct call *call = next_call(play, p);
        if (call &&
            (chosen == -1 || call->end_us < next_call(play, chosen)->end_us))
            chosen = p;
    }
    if (chosen == -1)
        return false;
    const struct call *call = next_call(play, chosen);
    if (order->forced++ == 0)
        snprintf(order->first_forced, sizeof order->first_forced,
                 "%s(%.180s) = %lld", call->name, call->args, call->value);
    play->model.processes[chosen].exists = true;
    finish(play, chosen);
    return true;
}

// Whether it is a child that runs its parent's program.
static bool is_like_parent(const struct model *model, int p)
{
    const struct process *process = &model->processes[p];

    return process->parent >= 0 &&
           strcmp(process->name, model->processes[process->parent].name) == 0;
}

// Such a child is "child", or "child 2"; of several cats the second is "cat 2".
static void name_process(const struct model *model, int p, char *name,
                         size_t size)
{
    const bool child = is_like_parent(model, p);
    const char *base = child ? "child" : model->processes[p].name;
    int like_it = 0;
    int before = 0;

    for (int i = 0; i < model->process_count; i++) {
        if (is_like_parent(model, i) != child ||
            (!child && strcmp(model->processes[i].name, base) != 0))
            continue;
        like_it++;
        before += i < p;
    }
    if (like_it == 1)
        snprintf(name, size, "%s", base);
    else
        snprintf(name, size, "%.20s %d", base, before + 1);
}

// Every mark of a process becomes its name, which may be known only at the end.
static void put_names(const struct model *model, char *text, size_t size)
{
    char named[300];
    size_t length = 0;

    for (const char *at = text; *at != '\0' && length + 1 < sizeof named;
         at++) {
        named[length] = '\0';
        if (*at == '\001' && at[1] != '\0')
            name_process(model, (unsigned char)*++at - 1, named + length,
                         sizeof named - length);
        else
            snprintf(named + length, sizeof named - length, "%c", *at);
        length += strlen(named + length);
    }
    named[length] = '\0';
    snprintf(text, size, "%.*s", (int)size - 1, named);
}

// "to port 9400", or "from" it, if a port stands in the key of a connection.
static bool name_connection(const struct model *model,
                            const struct object *object, char *name,
                            size_t size)
{
    const char *arrow = strstr(object->key, "->");

    for (int i = 0; i < model->object_count; i++) {
        const struct object *listener = &model->objects[i];
        const size_t length = strlen(listener->key);
        const size_t here = arrow ? (size_t)(arrow - object->key) : 0;
        const size_t whole = strlen(object->key);
        if (listener->kind != OBJECT_LISTENER || !arrow || here <= length)
            continue;
        const bool to =
            strcmp(object->key + whole - length, listener->key) == 0;
        if (!to && memcmp(arrow - length, listener->key, length) != 0)
            continue;
        snprintf(name, size, "%s %.20s", to ? "to port" : "from port",
                 listener->key);
        return true;
    }
    return false;
}

static void name_object(const struct model *model, int number, char *name,
                        size_t size)
{
    static const char *const names[OBJECT_KINDS] = {
        [OBJECT_QUEUE] = "queue",
        [OBJECT_POSIX_QUEUE] = "queue",
        [OBJECT_SEMAPHORES] = "semaphores",
        [OBJECT_SEGMENT] = "segment",
        [OBJECT_PIPE] = "pipe",
        [OBJECT_FIFO] = "FIFO",
        [OBJECT_CONNECTION] = "connection",
        [OBJECT_LISTENER] = "backlog",
        [OBJECT_PORT] = "port",
        [OBJECT_COUNTER] = "eventfd",
    };
    const struct object *object = &model->objects[number];
    const char *slash = strrchr(object->key, '/');

    if (object->kind == OBJECT_PORT && !object->fixed && object->owner >= 0) {
        char owner[24];
        name_process(model, object->owner, owner, sizeof owner);
        snprintf(name, size, "port of %s", owner);
    } else if (object->kind == OBJECT_FIFO || object->kind == OBJECT_PORT) {
        snprintf(name, size, "%s %.38s", names[object->kind],
                 slash ? slash + 1 : object->key);
    } else if (object->kind != OBJECT_CONNECTION ||
               !name_connection(model, object, name, size)) {
        snprintf(name, size, "%s", names[object->kind]);
    }
}

// Where several have the same name, a number tells them apart.
static void name_objects(const struct model *model, struct events *events)
{
    for (int i = 0; i < model->object_count; i++) {
        struct event_object named = {.kind = model->objects[i].kind};
        char other[48];
        int alike = 0;
        int before = 0;
        name_object(model, i, named.name, sizeof named.name);
        for (int k = 0; k < model->object_count; k++) {
            name_object(model, k, other, sizeof other);
            if (model->objects[k].shown && strcmp(other, named.name) == 0) {
                alike++;
                before += k < i;
            }
        }
        const size_t length = strlen(named.name);
        if (alike > 1)
            snprintf(named.name + length, sizeof named.name - length,
                     length > 0 && named.name[length - 1] >= '0' &&
                             named.name[length - 1] <= '9'
                         ? ", %d"
                         : " %d",
                     before + 1);
        events_add_object(events, &named);
    }
}

static void describe(const struct play *play, struct events *events)
{
    const struct model *model = &play->model;

    for (int p = 0; p < model->process_count; p++) {
        struct event_process process = {
            .pid = play->order->untimed ? 0 : model->processes[p].pid,
            .command = model->processes[p].command,
            .parent = model->processes[p].parent,
        };
        name_process(model, p, process.name, sizeof process.name);
        events_add_process(events, &process);
    }
    name_objects(model, events);
    for (size_t i = 0; i < events->count; i++) {
        struct event *event = &events->event[i];
        put_names(model, event->text, sizeof event->text);
        put_names(model, event->content, sizeof event->content);
    }
    if (model->uses_memory)
        events_add_note(events,
                        "Memory is shared here: reads and writes are no "
                        "calls, so no tracer sees them.");
}

// Whether so many events, from i on, are the same once more as those at last.
static bool repeats(const struct events *events, size_t last, size_t i,
                    size_t period)
{
    for (size_t k = 0; k < period; k++) {
        const struct event *e = &events->event[i + k];
        const struct event *before = &events->event[last + k];
        if (i + k >= events->count || e->process != before->process ||
            e->process != events->event[last].process ||
            e->kind != before->kind || e->arrow >= 0 ||
            strcmp(e->text, before->text) != 0 ||
            strcmp(e->content, before->content) != 0)
            return false;
    }
    return events->event[last].kind == EVENT_WAIT &&
           events->event[last + 1].kind == EVENT_RETURN &&
           (period == 2 || events->event[last + 2].kind == EVENT_CALL);
}

// What a process does again and again, with nothing in between, stands there
// once: a wait and its return, or a sleep and a look.
static void fold(struct events *events)
{
    size_t kept = 0;

    for (size_t i = 0; i < events->count; i++) {
        int times = 1;
        size_t period = repeats(events, i, i + 2, 2) ? 2 : 3;
        struct event first = events->event[i];
        while (repeats(events, i, i + period, period)) {
            times++;
            i += period;
        }
        const size_t length = strlen(first.text);
        if (times > 1)
            snprintf(first.text + length, sizeof first.text - length,
                     ", %d times", times);
        events->event[kept++] = first;
        for (size_t k = 1; times > 1 && k < period; k++)
            events->event[kept++] = events->event[++i];
    }
    events->count = kept;
}

// The next event of the same process; the count if there is none.
static size_t next_of_process(const struct events *events, size_t i)
{
    const int process = events->event[i].process;

    do
        i++;
    while (i < events->count && events->event[i].process != process);
    return i;
}

// Whether a sleep begins here, and the next events of its process are its end
// and a call: where the call stands; or 0.
static size_t is_poll(const struct events *events, size_t i)
{
    const size_t woken = next_of_process(events, i);
    const size_t look =
        woken < events->count ? next_of_process(events, woken) : woken;

    return look < events->count && events->event[i].kind == EVENT_WAIT &&
                   strncmp(events->event[i].text, "sleep", 5) == 0 &&
                   events->event[woken].kind == EVENT_RETURN &&
                   events->event[look].kind == EVENT_CALL
               ? look
               : 0;
}

// How often a process sleeps and looks until it is content is a matter of time:
// without times it is once, from the first sleep to the last look.
static void join_polls(struct events *events)
{
    for (size_t i = 0; i < events->count; i++) {
        const size_t look = is_poll(events, i);
        const size_t next = look ? next_of_process(events, look) : 0;
        if (next == 0 || next >= events->count || !is_poll(events, next) ||
            strcmp(events->event[look].text,
                   events->event[is_poll(events, next)].text) != 0 ||
            strcmp(events->event[i].text, events->event[next].text) != 0)
            continue;
        const size_t gone[] = {next, look, next_of_process(events, i)};
        for (int k = 0; k < 3; k++)
            memmove(&events->event[gone[k]], &events->event[gone[k] + 1],
                    (--events->count - gone[k]) * sizeof *events->event);
        i--;
    }
}

// An order has been found. Whether some datagrams were dropped in it, which is
// known only now: play it again with that.
static bool finds_dropped(struct play *play, struct order *order)
{
    if (order->dropped || !model_passed_over(&play->model))
        return false;
    order->dropped = play->model.passed_over;
    play->model.passed_over = NULL;
    return true;
}

bool order_calls(struct order *order, struct calls *calls,
                 struct events *events)
{
    struct play play;

    prepare(calls);
    for (;;) {
        start(&play, order, calls, events);
        if (!order->dropped)
            play.model.passed_over =
                calloc(calls->count + 1, sizeof *play.model.passed_over);
        const bool all = play_all(&play);
        if (all && finds_dropped(&play, order)) {
            stop(&play);
            events_free(events);
            continue;
        }
        if (all || order->rules >= RULES_MAX || !add_rule(&play, order))
            break;
        stop(&play);
        events_free(events);
    }
    order->forced = 0;
    while (force(&play, order))
        play_all(&play);
    if (order->forced > 0)
        events_add_note(events, "These calls could not be put in order: what "
                                "is shown as held may be wrong.");
    if (order->untimed)
        join_polls(events);
    fold(events);
    describe(&play, events);
    order->played = play.played;
    order->count = play.count;
    play.played = NULL;
    stop(&play);
    return order->forced == 0;
}

void order_free(struct order *order)
{
    free(order->before);
    free(order->played);
    free(order->dropped);
    *order = (struct order){0};
}
