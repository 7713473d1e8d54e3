/*
 * tests/test_tftp_machine.c -- every cell of the table in
 * udp/tftp/tftp_machine.h.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "../udp/tftp/tftp_machine.h"

static const char *const state_names[TFTP_STATES] = {
    [0] = "??",
    [TFTP_ASKING] = "As",
    [TFTP_SUBMITTING] = "Sb",
    [TFTP_OFFERING] = "Of",
    [TFTP_INVITING] = "In",
    [TFTP_SENDING] = "Se",
    [TFTP_RECEIVING] = "Re",
    [TFTP_KEEPING] = "Ke",
    [TFTP_LINGERING] = "Li",
    [TFTP_SUCCEEDED] = "Su",
    [TFTP_FAILED] = "Fa",
};

static const char *const action_names[] = {
    [0] = "???",           [DO_WAIT] = "wait", [DO_ASK] = "ask",
    [DO_OFFER] = "of",     [DO_ACK] = "ack",   [DO_SEND] = "send",
    [DO_RESEND] = "again", [DO_KEEP] = "keep", [DO_REFUSE] = "no",
    [DO_END] = "end",
};

// A row: a state, and what comes of it on each event, in this order:
//  (no such), OLD, OACK, READY, DATA, WHOLE, ACK, ALL, TIME, RECV_TIMEOUT_S, ERROR,
//  NONSENSE, TROUBLE, DID, (no such)
static const struct row {
    enum tftp_state state;
    const char *cells;
} rows[] = {
    // clang-format off
    {0, "Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,"
        "Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,"},
    {TFTP_ASKING,
        "As wait,As wait,Re ack,As wait,Re ack,Ke keep,As wait,As wait,"
        "As ask,Fa end,Fa end,Fa no,Fa no,As wait,As wait,"},
    {TFTP_SUBMITTING,
        "Sb wait,Sb wait,Se send,Se send,Sb wait,Sb wait,Sb wait,Sb wait,"
        "Sb ask,Fa end,Fa end,Fa no,Fa no,Sb wait,Sb wait,"},
    {TFTP_OFFERING,
        "Of wait,Of wait,Of wait,Se send,Of wait,Of wait,Of wait,Of wait,"
        "Of of,Fa end,Fa end,Fa no,Fa no,Of wait,Of wait,"},
    {TFTP_INVITING,
        "In wait,In wait,In wait,In wait,Re ack,Ke keep,In wait,In wait,"
        "In of,Fa end,Fa end,Fa no,Fa no,In wait,In wait,"},
    {TFTP_SENDING,
        "Se wait,Se wait,Se wait,Se wait,Se wait,Se wait,Se send,Su end,"
        "Se again,Fa end,Fa end,Fa no,Fa no,Se wait,Se wait,"},
    {TFTP_RECEIVING,
        "Re wait,Re wait,Re ack,Re wait,Re ack,Ke keep,Re wait,Re wait,"
        "Re ack,Fa end,Fa end,Fa no,Fa no,Re wait,Re wait,"},
    {TFTP_KEEPING,
        "Ke wait,Ke wait,Ke wait,Ke wait,Ke wait,Ke wait,Ke wait,Ke wait,"
        "Ke wait,Fa end,Fa end,Fa no,Fa no,Li ack,Ke wait,"},
    {TFTP_LINGERING,
        "Li wait,Li wait,Li wait,Li wait,Li ack,Li ack,Li wait,Li wait,"
        "Su end,Su end,Su end,Li wait,Su end,Li wait,Li wait,"},
    {TFTP_SUCCEEDED,
        "Su end,Su end,Su end,Su end,Su end,Su end,Su end,Su end,"
        "Su end,Su end,Su end,Su end,Su end,Su end,Su end,"},
    {TFTP_FAILED,
        "Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,"
        "Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,"},
    {TFTP_STATES,
        "Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,"
        "Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,Fa end,"},
    // clang-format on
};

_Static_assert(TFTP_EVENTS == 14, "a new event: the rows have a cell less");
_Static_assert(sizeof rows / sizeof *rows == TFTP_STATES + 1,
               "a new state: there is a row less");

static void every_cell_is_right(void **state)
{
    (void)state;
    for (size_t i = 0; i <= TFTP_STATES; i++) {
        char cells[512] = "";
        for (unsigned event = 0; event <= TFTP_EVENTS; event++) {
            struct tftp_step next = tftp_step(rows[i].state, event);
            size_t used = strlen(cells);
            snprintf(cells + used, sizeof cells - used, "%s %s,",
                     state_names[next.state], action_names[next.action]);
        }
        assert_string_equal(cells, rows[i].cells);
    }
}

// Follow a transfer through the events, and compare where it ends.
static void follow(enum tftp_state start, const enum tftp_event *events,
                   size_t count, enum tftp_state end)
{
    struct tftp_step step = {start, DO_WAIT};

    for (size_t i = 0; i < count; i++) {
        assert_int_not_equal(step.action, DO_END);
        step = tftp_step(step.state, events[i]);
    }
    assert_int_equal(step.state, end);
    assert_int_equal(step.action, DO_END);
}

#define FOLLOW(start, end, ...)                                                \
    do {                                                                       \
        const enum tftp_event events[] = {__VA_ARGS__};                        \
        follow(start, events, sizeof events / sizeof *events, end);            \
    } while (0)

static void both_ends_of_a_file_go_their_ways(void **state)
{
    (void)state;
    FOLLOW(TFTP_ASKING, TFTP_SUCCEEDED, ON_TIME, ON_OACK, ON_DATA, ON_OLD,
           ON_DATA, ON_WHOLE, ON_DID, ON_DATA, ON_TIME);
    FOLLOW(TFTP_OFFERING, TFTP_SUCCEEDED, ON_TIME, ON_READY, ON_ACK, ON_OLD,
           ON_TIME, ON_ACK, ON_ALL);
    FOLLOW(TFTP_SUBMITTING, TFTP_SUCCEEDED, ON_OACK, ON_ACK, ON_ALL);
    FOLLOW(TFTP_INVITING, TFTP_SUCCEEDED, ON_WHOLE, ON_DID, ON_TIME);
}

// What has failed cannot be kept, and says so to the other end.
static void trouble_while_keeping_is_told(void **state)
{
    (void)state;
    struct tftp_step step = tftp_step(TFTP_KEEPING, ON_TROUBLE);
    assert_int_equal(step.state, TFTP_FAILED);
    assert_int_equal(step.action, DO_REFUSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_right),
        cmocka_unit_test(both_ends_of_a_file_go_their_ways),
        cmocka_unit_test(trouble_while_keeping_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
