/*
 * common/figures/main.c -- print a state machine as a graph, for dot(1).
 *
 * Shows:   The table that the programs run is included, so the figure cannot
 *          say anything else. `make figures` draws all of them.
 *
 * Run:     $ build/common/figures ftp_stm_client en
 *
 * Prints:  digraph ftp_stm_client {
 *
 * Read:    dot(1)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../program.h"
#include "stopwait.h"

#define STARTS_MAX 4
#define WIDE 15 // bytes of an event and its action

struct cell {
    int state; // 0: the table has none here
    int action;
};

struct start {
    int state;
    const char *english;
    const char *chinese;
};

struct machine {
    const char *name;
    const struct words *states;
    const struct words *events;
    const struct words *actions;
    int state_count;
    int event_count;
    struct cell (*cell)(int state, int event);
    struct start starts[STARTS_MAX];
};

static struct cell ftp_client_cell(int state, int event)
{
    const struct ftp_step step = ftp_client_table[state][event];

    return (struct cell){(int)step.state, (int)step.action};
}

static struct cell ftp_worker_cell(int state, int event)
{
    const struct ftp_step step = ftp_worker_table[state][event];

    return (struct cell){(int)step.state, (int)step.action};
}

static struct cell tftp_cell(int state, int event)
{
    const struct tftp_step step = tftp_table[state][event];

    return (struct cell){(int)step.state, (int)step.action};
}

static struct cell stopwait_sender_cell(int state, int event)
{
    const struct stopwait_step step = stopwait_sender_table[state][event];

    return (struct cell){(int)step.state, (int)step.action};
}

static struct cell stopwait_receiver_cell(int state, int event)
{
    const struct stopwait_step step = stopwait_receiver_table[state][event];

    return (struct cell){(int)step.state, (int)step.action};
}

static const struct machine machines[] = {
    {"ftp_stm_client",
     ftp_state_words,
     ftp_event_words,
     ftp_action_words,
     FTP_STATES,
     FTP_EVENTS,
     ftp_client_cell,
     {{FTP_CLIENT_CALLING, "send PATH, CALL", "发 PATH、CALL"}}},
    {"ftp_stm_worker",
     ftp_state_words,
     ftp_event_words,
     ftp_action_words,
     FTP_STATES,
     FTP_EVENTS,
     ftp_worker_cell,
     {{FTP_WORKER_STARTING, "receive PATH", "收 PATH"}}},
    {"tftp_stm",
     tftp_state_words,
     tftp_event_words,
     tftp_action_words,
     TFTP_STATES,
     TFTP_EVENTS,
     tftp_cell,
     {{TFTP_RRQ_SENT, "client:\\nsend RRQ", "客户端：\\n发 RRQ"},
      {TFTP_WRQ_SENT, "client:\\nsend WRQ", "客户端：\\n发 WRQ"},
      {TFTP_RRQ_ANSWERED, "server:\\nsend OACK", "服务器：\\n发 OACK"},
      {TFTP_WRQ_ANSWERED, "server: send\\nOACK or ACK 0",
       "服务器：发\\nOACK 或 ACK 0"}}},
    {"ftp_stm_ack_sender",
     stopwait_state_words,
     stopwait_event_words,
     stopwait_action_words,
     STOPWAIT_STATES,
     STOPWAIT_EVENTS,
     stopwait_sender_cell,
     {{STOPWAIT_SENDING, "sender: n = 1", "发送端：n = 1"}}},
    {"ftp_stm_ack_receiver",
     stopwait_state_words,
     stopwait_event_words,
     stopwait_action_words,
     STOPWAIT_STATES,
     STOPWAIT_EVENTS,
     stopwait_receiver_cell,
     {{STOPWAIT_RECEIVING, "receiver: n = 1", "接收端：n = 1"}}},
};

static const char *in(bool chinese, const struct words *words)
{
    return chinese ? words->chinese : words->english;
}

// The row of a last state says no more than that it is one.
static bool is_last(const struct machine *m, int state)
{
    for (int event = 0; event < m->event_count; event++)
        if (m->cell(state, event).state != 0 &&
            m->cell(state, event).state != state)
            return false;
    return true;
}

// "event / action", in two lines if one would be too wide.
static void print_label(const struct words *event, const struct words *action,
                        bool chinese)
{
    const char *const when = in(chinese, event);
    const char *const what = in(chinese, action);
    const bool wide = strlen(when) + strlen(what) > WIDE;

    printf("\u00a0%s", when);
    if (*what != '\0')
        printf(" /%s%s", wide ? "\\l    " : " ", what);
    printf("\u00a0\\l");
}

// All transitions from one state to another are one edge, with a line for each;
// its class has their names: "DATA_RECEIVED/STORE".
static void print_edge(const struct machine *m, int from, int to, bool chinese)
{
    int count = 0;

    for (int event = 0; event < m->event_count; event++) {
        const struct cell cell = m->cell(from, event);
        if (cell.state != to)
            continue;
        if (count++ == 0)
            printf("    %s -> %s [class=\"", m->states[from].name,
                   m->states[to].name);
        printf("%s%s/%s", count > 1 ? " " : "", m->events[event].name,
               m->actions[cell.action].name);
    }
    if (count == 0)
        return;
    printf("\", label=\"");
    for (int event = 0; event < m->event_count; event++)
        if (m->cell(from, event).state == to)
            print_label(&m->events[event],
                        &m->actions[m->cell(from, event).action], chinese);
    printf("\"]\n");
}

// A state is drawn if a transition leads from it, or to it.
static bool is_state_of(const struct machine *m, int state)
{
    bool found = !is_last(m, state);

    for (int other = 0; other < m->state_count; other++)
        for (int event = 0; event < m->event_count; event++)
            found = found || (state != 0 && other != state &&
                              m->cell(other, event).state == state);
    return found;
}

static void print_states(const struct machine *m, bool chinese)
{
    for (int state = 0; state < m->state_count; state++) {
        const struct words *words = &m->states[state];
        if (is_state_of(m, state))
            printf("    %s [label=\"%s%s%s\"%s]\n", words->name,
                   words->english ? in(chinese, words) : words->name,
                   chinese && !words->english ? "\\n" : "",
                   chinese && !words->english ? words->chinese : "",
                   is_last(m, state) ? ", peripheries=2" : "");
    }
    for (int i = 0; i < STARTS_MAX && m->starts[i].state != 0; i++)
        printf("    start%d [shape=plaintext, class=start, label=\"%s\"]\n"
               "    start%d -> %s [class=start]\n",
               i, chinese ? m->starts[i].chinese : m->starts[i].english, i,
               m->states[m->starts[i].state].name);
}

static void print_machine(const struct machine *m, bool chinese)
{
    printf("digraph %s {\n"
           "    graph [bgcolor=white, nodesep=0.2, ranksep=0.3]\n"
           "    node [shape=box, style=rounded, fontname=\"sans-serif\", "
           "fontsize=13, height=0.4]\n"
           "    edge [fontname=\"sans-serif\", fontsize=12, arrowsize=0.7]\n",
           m->name);
    print_states(m, chinese);
    for (int from = 0; from < m->state_count; from++)
        for (int to = 1; to < m->state_count && !is_last(m, from); to++)
            print_edge(m, from, to, chinese);
    printf("}\n");
}

int main(int argc, char *argv[])
{
    program_start();
    const bool understood = parse_flags(argc, argv, NULL);
    const struct machine *machine = NULL;
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
        if (argc > optind && strcmp(argv[optind], machines[i].name) == 0)
            machine = &machines[i];
    if (!understood || argc - optind != 2 || !machine ||
        (strcmp(argv[optind + 1], "en") != 0 &&
         strcmp(argv[optind + 1], "zh") != 0))
        return usage(argc, argv, "figures MACHINE LANGUAGE");
    print_machine(machine, strcmp(argv[optind + 1], "zh") == 0);
    return 0;
}
