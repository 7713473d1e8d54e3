/*
 * common/trace/state.c -- the states of ftp and tftp: see state.h.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "../figures/words.h"
#include "../ftp.h"
#include "state.h"

#define STATES_MAX 16
#define ACTIONS_MAX 16
#define PATH_MAX 8

_Static_assert(FTP_STATES <= STATES_MAX && TFTP_STATES <= STATES_MAX, "");
_Static_assert(FTP_REMOVE_QUEUE < ACTIONS_MAX, "");
_Static_assert(TFTP_SEND_ERROR < ACTIONS_MAX, "");

#define BIT(action) (1U << (action))

enum machine { NO_MACHINE, FTP_CLIENT, FTP_WORKER, TFTP };

struct at {
    int state;
    int action;
};

// What a process was seen to do: one of these actions; or it ends.
struct seen {
    unsigned actions;
    bool ends;
    bool failed; // with a status
};

// The states on the way from one call to the next.
struct way {
    int states[PATH_MAX];
    int count;
    int at_once; // the first of them with the first event
};

struct end {
    enum machine machine;
    bool possible[STATES_MAX][ACTIONS_MAX]; // where it can be
    int shown;                              // the state that was marked last
    bool done;      // the call has returned; of tftp: an ACK was sent
    size_t done_at; // with this event,
    int got;        // and this message: enum ftp_kind; -1: another one
    char request;   // by its first letter: the last one that a TFTP server has
                    // received, or which its child serves
};

struct mark {
    size_t before; // this event
    int process;
    const char *state;
};

struct marks {
    struct mark *mark;
    size_t count;
};

// How one call leads to the next: where it can be then, and which way.
struct search {
    const struct end *end;
    const struct seen *seen;
    bool (*possible)[ACTIONS_MAX];
    struct at stack[STATES_MAX * ACTIONS_MAX];
    int depth;
    struct way way; // if there is one only
    bool found;
    bool several;
};

static struct at step_of(enum machine machine, struct at at, int event)
{
    if (machine == TFTP) {
        const struct tftp_step step =
            tftp_step((enum tftp_state)at.state, (enum tftp_event)event);
        return (struct at){(int)step.state, (int)step.action};
    }
    const struct ftp_step step =
        machine == FTP_CLIENT
            ? ftp_client_step((enum ftp_state)at.state, (enum ftp_event)event)
            : ftp_worker_step((enum ftp_state)at.state, (enum ftp_event)event);
    return (struct at){(int)step.state, (int)step.action};
}

// Whether the action may be done without a call that is seen. A window may be
// full, or no ACK due; so any of tftp's.
static bool is_silent(enum machine machine, int action)
{
    return machine == TFTP || action == FTP_STORE || action == FTP_COMMIT ||
           action == FTP_OPEN || action == FTP_READ;
}

// Whether the first event can be this one: a message is an event of its own.
static bool can_be(const struct end *end, struct at at, int event)
{
    if (end->machine == TFTP)
        return true;
    const int kind = event == FTP_DATA_RECEIVED    ? FTP_DATA
                     : event == FTP_EOT_RECEIVED   ? FTP_EOT
                     : event == FTP_ERROR_RECEIVED ? FTP_ERROR
                     : event == FTP_DONE_RECEIVED  ? FTP_DONE
                                                   : 0;
    const bool receives = at.action == FTP_RECEIVE ||
                          at.action == FTP_RECEIVE_PATH ||
                          at.action == FTP_WAIT_CONFIRM;
    if (!receives)
        return kind == 0;
    if (kind != 0)
        return end->got == kind;
    return event == FTP_OK               ? end->got == FTP_PATH
           : event == FTP_PROTOCOL_ERROR ? end->got != 0
           : event == FTP_LOCAL_ERROR    ? true
                                         : end->got == 0;
}

static bool matches(const struct search *s, struct at at)
{
    const enum machine machine = s->end->machine;

    if (!s->seen->ends)
        return (s->seen->actions & BIT(at.action)) != 0;
    if (machine == TFTP)
        return at.state == TFTP_SUCCEEDED ||
               (at.state == TFTP_FAILED && s->seen->failed);
    return at.action == FTP_END &&
           (at.state != FTP_CLIENT_FAILED || s->seen->failed);
}

// This is where it can be; s->stack has how it came there.
static void add(struct search *s, struct at at)
{
    struct way way = {0};

    s->possible[at.state][at.action] = true;
    for (int i = 1; i <= s->depth; i++) {
        const int state = i < s->depth ? s->stack[i].state : at.state;
        if (state != s->stack[i - 1].state && way.count < PATH_MAX) {
            way.at_once |= i == 1;
            way.states[way.count++] = state;
        }
    }
    s->several =
        s->several || (s->found && memcmp(&way, &s->way, sizeof way) != 0);
    s->found = true;
    s->way = way;
}

static void search(struct search *s, struct at at)
{
    const enum machine machine = s->end->machine;
    const int events = machine == TFTP ? (int)TFTP_EVENTS : (int)FTP_EVENTS;

    for (int i = 0; i < s->depth; i++)
        if (s->stack[i].state == at.state && s->stack[i].action == at.action)
            return;
    s->stack[s->depth++] = at;
    for (int event = 1; event < events; event++) {
        const struct at next = step_of(machine, at, event);
        if (s->depth == 1 && !can_be(s->end, at, event))
            continue;
        if (matches(s, next))
            add(s, next);
        if (is_silent(machine, next.action))
            search(s, next);
    }
    s->depth--;
}

static const char *words_of(enum machine machine, int state)
{
    return machine == TFTP ? tftp_state_words[state].name
                           : ftp_state_words[state].name;
}

static void put_mark(struct marks *marks, size_t before, int process,
                     const char *state)
{
    marks->mark =
        realloc(marks->mark, (marks->count + 1) * sizeof *marks->mark);
    if (!marks->mark)
        err(1, "realloc");
    marks->mark[marks->count++] = (struct mark){before, process, state};
}

// The state that it is in, if that can be only one. 0: none; -1: several.
static int only_state(bool possible[STATES_MAX][ACTIONS_MAX])
{
    int known = 0;

    for (int state = 1; state < STATES_MAX; state++)
        for (int action = 0; action < ACTIONS_MAX; action++)
            if (possible[state][action])
                known = known == 0 || known == state ? state : -1;
    return known;
}

// From one place where it can be to those of the next call.
static void search_from(struct search *s, struct at at)
{
    search(s, at);
    s->stack[0] = at;
    // The same once more: a call that was interrupted, or the next of several
    // packets.
    if (matches(s, at) && (s->end->machine == TFTP || !s->end->done))
        add(s, at);
}

// It was seen to do this, which is event i: go on to where it can be now.
static void go_on(struct end *end, const struct seen *seen, int process,
                  size_t i, struct marks *marks)
{
    bool possible[STATES_MAX][ACTIONS_MAX] = {0};
    struct search s = {.end = end, .seen = seen, .possible = possible};
    int starts = 0;

    for (int state = 1; state < STATES_MAX; state++)
        for (int action = 0; action < ACTIONS_MAX; action++)
            if (end->possible[state][action]) {
                starts++;
                search_from(&s, (struct at){state, action});
            }
    memcpy(end->possible, possible, sizeof possible);
    const int known = only_state(possible);
    if (known <= 0 || known == end->shown) {
        if (known == 0)
            end->machine = NO_MACHINE; // this is not what the table says
        return;
    }
    end->shown = known;
    if (starts > 1 || s.several)
        s.way = (struct way){.states = {known}, .count = 1};
    for (int k = 0; k < s.way.count; k++) {
        const bool at_once =
            k == 0 && s.way.at_once && end->done && end->machine != TFTP;
        put_mark(marks, at_once ? end->done_at + 1 : i, process,
                 words_of(end->machine, s.way.states[k]));
    }
}

static void begin(struct end *end, enum machine machine, int state, int action,
                  int process, size_t i, struct marks *marks)
{
    *end = (struct end){.machine = machine, .request = end->request};
    end->possible[state][action] = true;
    end->shown = state;
    put_mark(marks, i, process, words_of(machine, state));
}

static bool begins_with(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

// Whether it runs the program of that name.
static bool runs(const struct events *events, int process, const char *name)
{
    return process >= 0 && strcmp(events->processes[process].name, name) == 0;
}

// The message in a line such as "= 8 bytes: DONE".
static int kind_of(const char *text)
{
    static const struct {
        const char *words;
        enum ftp_kind kind;
    } known[] = {{"bytes: DATA at ", FTP_DATA},
                 {"bytes: EOT, ", FTP_EOT},
                 {"bytes: ERROR", FTP_ERROR},
                 {"bytes: PATH ", FTP_PATH},
                 {"bytes: DONE", FTP_DONE}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(text, known[i].words))
            return (int)known[i].kind;
    return -1;
}

// The action of ftp that a call belongs to; 0: to none.
static int ftp_action_of(const char *text)
{
    const bool sends = begins_with(text, "msgsnd type ");

    if (strcmp(text, "msgctl IPC_RMID") == 0)
        return FTP_REMOVE_QUEUE;
    if (!sends && !begins_with(text, "msgrcv type "))
        return 0;
    switch (strtol(text + strlen("msgsnd type "), NULL, 10)) {
    case FTP_DATA:
        return FTP_SEND_DATA;
    case FTP_EOT:
        return FTP_SEND_EOT;
    case FTP_ERROR:
        return FTP_SEND_ERROR;
    case FTP_CALL:
        return FTP_SEND_CALL;
    case FTP_PATH:
        return sends ? FTP_SEND_CALL : FTP_RECEIVE_PATH;
    case FTP_DONE:
        return sends ? FTP_SEND_DONE : FTP_WAIT_CONFIRM;
    case -FTP_ERROR: // any of DATA, EOT and ERROR
        return FTP_RECEIVE;
    default:
        return 0;
    }
}

// How a call has ended: with a message, without, or not yet.
static void note_end(struct end *end, const struct event *e, size_t i)
{
    const bool received = e->kind == EVENT_RECEIVE || e->kind == EVENT_RECEIVED;
    const int kind = kind_of(e->text);

    if (e->kind == EVENT_WAIT || strstr(e->text, "EINTR") ||
        strstr(e->text, "interrupted") || (kind == FTP_PATH && !received))
        return; // PATH is half of what there is to send
    end->done = true;
    end->done_at = i;
    end->got = received ? kind : 0;
}

static void follow_ftp(const struct events *events, struct end *end, size_t i,
                       struct marks *marks)
{
    const struct event *e = &events->event[i];
    const int p = e->process;
    const int parent = events->processes[p].parent;
    const bool client = runs(events, p, "ftp_client") || runs(events, p, "c");
    const bool worker =
        runs(events, parent, "ftp_server") || runs(events, parent, "s");
    const int action = ftp_action_of(e->text);

    if (events->objects[e->object].kind != OBJECT_QUEUE)
        return;
    if (end->machine == NO_MACHINE && client && kind_of(e->text) == FTP_PATH) {
        begin(end, FTP_CLIENT, FTP_CLIENT_CALLING, action, p, i, marks);
    } else if (end->machine == NO_MACHINE && worker &&
               action == FTP_RECEIVE_PATH) {
        begin(end, FTP_WORKER, FTP_WORKER_STARTING, action, p, i, marks);
    } else if (end->machine != NO_MACHINE && action != 0 &&
               !(end->machine == FTP_CLIENT && action == FTP_REMOVE_QUEUE)) {
        const struct seen seen = {.actions = BIT(action)};
        go_on(end, &seen, p, i, marks);
        end->done = false;
    } else if (end->machine == NO_MACHINE || !event_ends_wait(e)) {
        return;
    }
    if (!end->done)
        note_end(end, e, i);
}

// The actions of tftp that a packet may come from: "send 8 bytes: ACK 1".
static unsigned tftp_actions_of(const char *packet, bool client)
{
    if (begins_with(packet, "RRQ ") || begins_with(packet, "WRQ "))
        return BIT(TFTP_SEND_FIRST) | BIT(TFTP_SEND_PLAIN_REQUEST);
    if (begins_with(packet, "OACK"))
        return BIT(TFTP_SEND_FIRST);
    if (begins_with(packet, "DATA "))
        return BIT(TFTP_SEND_DATA) | BIT(TFTP_RESEND_DATA);
    if (strcmp(packet, "ACK 0") == 0)
        return (client ? BIT(TFTP_SEND_ACK0) : BIT(TFTP_SEND_FIRST)) |
               BIT(TFTP_SEND_ACK) | BIT(TFTP_REPEAT_ACK) |
               BIT(TFTP_SEND_LAST_ACK);
    if (begins_with(packet, "ACK "))
        return BIT(TFTP_SEND_ACK) | BIT(TFTP_REPEAT_ACK) |
               BIT(TFTP_SEND_LAST_ACK);
    return begins_with(packet, "ERROR") ? BIT(TFTP_SEND_ERROR) : 0;
}

static void follow_tftp(const struct events *events, struct end *ends, size_t i,
                        struct marks *marks)
{
    const struct event *e = &events->event[i];
    const int p = e->process;
    const int parent = events->processes[p].parent;
    const bool client = runs(events, p, "tftp_client");
    const char *packet = strstr(e->text, " bytes: ");

    if (!packet || events->objects[e->object].kind != OBJECT_PORT)
        return;
    packet += strlen(" bytes: ");
    const unsigned actions = tftp_actions_of(packet, client);
    if (e->kind == EVENT_RECEIVE || e->kind == EVENT_RECEIVED) {
        if (begins_with(packet, "RRQ ") || begins_with(packet, "WRQ "))
            ends[p].request = *packet;
        return;
    }
    if (e->kind != EVENT_SEND || actions == 0)
        return;
    if (ends[p].machine == TFTP) {
        // Before any other ACK this is not that of the last block, though its
        // number may be 0, too.
        const bool first = strcmp(packet, "ACK 0") == 0 && !ends[p].done;
        const struct seen seen = {
            .actions = first ? actions & ~BIT(TFTP_SEND_LAST_ACK) : actions};
        go_on(&ends[p], &seen, p, i, marks);
        ends[p].done = ends[p].done || begins_with(packet, "ACK ");
    } else if (client && (actions & BIT(TFTP_SEND_PLAIN_REQUEST))) {
        begin(&ends[p], TFTP, *packet == 'R' ? TFTP_RRQ_SENT : TFTP_WRQ_SENT,
              TFTP_SEND_FIRST, p, i, marks);
    } else if (runs(events, parent, "tftp_server") &&
               (actions & BIT(TFTP_SEND_FIRST)) && ends[p].request) {
        begin(&ends[p], TFTP,
              ends[p].request == 'R' ? TFTP_RRQ_ANSWERED : TFTP_WRQ_ANSWERED,
              TFTP_SEND_FIRST, p, i, marks);
    } else if (runs(events, parent, "tftp_server") &&
               (actions & BIT(TFTP_SEND_DATA)) && ends[p].request == 'R') {
        begin(&ends[p], TFTP, TFTP_SENDING, TFTP_SEND_DATA, p, i, marks);
    }
}

static void follow(const struct events *events, struct end *ends, size_t i,
                   struct marks *marks)
{
    const struct event *e = &events->event[i];
    struct end *end = &ends[e->process];

    if (e->kind == EVENT_SIGNAL && strcmp(e->text, "SIGCHLD") != 0 &&
        strcmp(e->text, "SIGALRM") != 0) {
        end->machine = NO_MACHINE; // its handler does what it likes
    } else if (e->kind == EVENT_END && end->machine != NO_MACHINE) {
        const struct seen seen = {.ends = true,
                                  .failed = strcmp(e->text, "ends") != 0};
        if (!begins_with(e->text, "ended by") &&
            !end->possible[FTP_WORKER_CLOSED][FTP_REMOVE_QUEUE])
            go_on(end, &seen, e->process, i, marks);
        end->machine = NO_MACHINE;
    } else if (e->kind == EVENT_FORK && e->other >= 0) {
        ends[e->other].request = end->request;
    } else if (e->object >= 0 && e->kind != EVENT_PRINT) {
        follow_ftp(events, end, i, marks);
        follow_tftp(events, ends, i, marks);
    }
}

// The events and the marks, in one list.
static void merge(struct events *events, const struct marks *marks)
{
    struct events all = *events;

    all.event = NULL;
    all.count = all.room = 0;
    for (size_t i = 0; i <= events->count; i++) {
        for (size_t k = 0; k < marks->count; k++) {
            const struct mark *mark = &marks->mark[k];
            if (mark->before != i)
                continue;
            struct event *e = events_add(&all);
            *e = (struct event){
                .time_us = events->event[i < events->count ? i : i - 1].time_us,
                .process = mark->process,
                .kind = EVENT_STATE,
                .object = -1,
                .arrow = -1,
                .other = -1,
            };
            snprintf(e->text, sizeof e->text, "[state %s]", mark->state);
        }
        if (i < events->count)
            *events_add(&all) = events->event[i];
    }
    free(events->event);
    *events = all;
}

void state_mark(struct events *events)
{
    struct marks marks = {0};
    struct end *ends = calloc((size_t)events->process_count + 1, sizeof *ends);

    if (!ends)
        err(1, "calloc");
    for (size_t i = 0; i < events->count; i++)
        follow(events, ends, i, &marks);
    if (marks.count > 0)
        merge(events, &marks);
    free(marks.mark);
    free(ends);
}
