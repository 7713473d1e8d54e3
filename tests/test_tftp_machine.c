/*
 * tests/test_tftp_machine.c -- every cell of the table in
 * udp/tftp/tftp_machine.h; with --table, that table for udp/tftp.md.
 */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../common/figures/words.h"

// All cells in which something changes or is done. What TFTP_COMMITTING, which
// has no such row of its own, does with an event, the others do as well.
static const char golden[] =
    "RRQ_SENT     OACK_RECEIVED   RECEIVING    SEND_ACK0\n"
    "RRQ_SENT     DATA_RECEIVED   RECEIVING    SEND_ACK\n"
    "RRQ_SENT     DATA_COMPLETE   COMMITTING   COMMIT\n"
    "RRQ_SENT     TIMEOUT         RRQ_SENT     SEND_FIRST\n"
    "RRQ_SENT     OPTIONS_REFUSED RRQ_SENT     SEND_PLAIN_REQUEST\n"
    "WRQ_SENT     OACK_RECEIVED   SENDING      SEND_DATA\n"
    "WRQ_SENT     ACK0_RECEIVED   SENDING      SEND_DATA\n"
    "WRQ_SENT     TIMEOUT         WRQ_SENT     SEND_FIRST\n"
    "WRQ_SENT     OPTIONS_REFUSED WRQ_SENT     SEND_PLAIN_REQUEST\n"
    "RRQ_ANSWERED ACK0_RECEIVED   SENDING      SEND_DATA\n"
    "RRQ_ANSWERED TIMEOUT         RRQ_ANSWERED SEND_FIRST\n"
    "WRQ_ANSWERED DATA_RECEIVED   RECEIVING    SEND_ACK\n"
    "WRQ_ANSWERED DATA_COMPLETE   COMMITTING   COMMIT\n"
    "WRQ_ANSWERED TIMEOUT         WRQ_ANSWERED SEND_FIRST\n"
    "SENDING      ACK_RECEIVED    SENDING      SEND_DATA\n"
    "SENDING      ALL_ACKED       SUCCEEDED\n"
    "SENDING      TIMEOUT         SENDING      RESEND_DATA\n"
    "RECEIVING    OACK_RECEIVED   RECEIVING    SEND_ACK0\n"
    "RECEIVING    DATA_RECEIVED   RECEIVING    SEND_ACK\n"
    "RECEIVING    DATA_COMPLETE   COMMITTING   COMMIT\n"
    "RECEIVING    TIMEOUT         RECEIVING    REPEAT_ACK\n"
    "COMMITTING   OK              DALLYING     SEND_LAST_ACK\n"
    "COMMITTING   OK_NO_LOSS      SUCCEEDED    SEND_LAST_ACK\n"
    "DALLYING     DATA_RECEIVED   DALLYING     SEND_LAST_ACK\n"
    "DALLYING     TIMEOUT         DALLYING     SEND_LAST_ACK\n"
    "DALLYING     OPTIONS_REFUSED SUCCEEDED\n"
    "DALLYING     ERROR_RECEIVED  SUCCEEDED\n"
    "DALLYING     PEER_GONE       SUCCEEDED\n"
    "DALLYING     PEER_SILENT     SUCCEEDED\n"
    "DALLYING     PROTOCOL_ERROR  SUCCEEDED\n"
    "DALLYING     LOCAL_ERROR     SUCCEEDED\n"
    "any other    OPTIONS_REFUSED FAILED\n"
    "any other    ERROR_RECEIVED  FAILED\n"
    "any other    PEER_GONE       FAILED\n"
    "any other    PEER_SILENT     FAILED\n"
    "any other    PROTOCOL_ERROR  FAILED       SEND_ERROR\n"
    "any other    LOCAL_ERROR     FAILED       SEND_ERROR\n";

static bool same(struct tftp_step a, struct tftp_step b)
{
    return a.state == b.state && a.action == b.action;
}

static void add_row(char *table, size_t size, unsigned state, unsigned event,
                    struct tftp_step step)
{
    size_t used = strlen(table);
    const char *row = state ? tftp_state_words[state].name : "any other";
    const char *action =
        step.action == TFTP_WAIT ? "" : tftp_action_words[step.action].name;

    snprintf(table + used, size - used, "%-12s %-15s %-*s%s%s\n", row,
             tftp_event_words[event].name, *action == '\0' ? 0 : 12,
             tftp_state_words[step.state].name, *action == '\0' ? "" : " ",
             action);
}

static const char *as_text(void)
{
    static char table[8192];

    table[0] = '\0';
    for (unsigned state = TFTP_RRQ_SENT; state < TFTP_STATES; state++)
        for (unsigned event = 0; event < TFTP_EVENTS; event++) {
            struct tftp_step step = tftp_step(state, event);
            struct tftp_step common = tftp_step(TFTP_COMMITTING, event);
            bool shared = common.state == TFTP_FAILED && same(step, common);
            if (!same(step, (struct tftp_step){state, TFTP_WAIT}) && !shared)
                add_row(table, sizeof table, state, event, step);
        }
    for (unsigned event = 0; event < TFTP_EVENTS; event++)
        if (tftp_step(TFTP_COMMITTING, event).state == TFTP_FAILED)
            add_row(table, sizeof table, TFTP_ANY_STATE, event,
                    tftp_step(TFTP_COMMITTING, event));
    return table;
}

static void every_cell_is_right(void **state)
{
    (void)state;
    assert_string_equal(as_text(), golden);
}

static void nothing_leads_out_of_the_last_states(void **state)
{
    (void)state;
    for (unsigned event = 0; event <= TFTP_EVENTS; event++)
        for (unsigned last = TFTP_SUCCEEDED; last <= TFTP_STATES; last++)
            assert_true(same(tftp_step(last, event),
                             (struct tftp_step){last, TFTP_WAIT}));
    for (unsigned other = 0; other < TFTP_STATES; other++)
        assert_true(same(tftp_step(other, TFTP_EVENTS),
                         (struct tftp_step){other, TFTP_WAIT}));
}

// Follow a transfer through the events, and compare where it ends.
static void follow(enum tftp_state start, const enum tftp_event *list,
                   size_t count, enum tftp_state end)
{
    struct tftp_step step = {start, TFTP_WAIT};

    for (size_t i = 0; i < count; i++) {
        assert_true(step.state < TFTP_SUCCEEDED);
        step = tftp_step(step.state, list[i]);
    }
    assert_int_equal(step.state, end);
}

#define FOLLOW(start, end, ...)                                                \
    do {                                                                       \
        const enum tftp_event list[] = {__VA_ARGS__};                          \
        follow(start, list, sizeof list / sizeof *list, end);                  \
    } while (0)

static void both_ends_of_a_file_go_their_ways(void **state)
{
    (void)state;
    FOLLOW(TFTP_RRQ_SENT, TFTP_SUCCEEDED, TFTP_TIMEOUT, TFTP_OACK_RECEIVED,
           TFTP_DATA_RECEIVED, TFTP_NO_EVENT, TFTP_DATA_RECEIVED,
           TFTP_DATA_COMPLETE, TFTP_OK, TFTP_DATA_RECEIVED, TFTP_TIMEOUT,
           TFTP_PEER_GONE);
    FOLLOW(TFTP_RRQ_SENT, TFTP_SUCCEEDED, TFTP_OPTIONS_REFUSED,
           TFTP_DATA_RECEIVED, TFTP_DATA_COMPLETE, TFTP_OK_NO_LOSS);
    FOLLOW(TFTP_RRQ_ANSWERED, TFTP_SUCCEEDED, TFTP_TIMEOUT, TFTP_ACK0_RECEIVED,
           TFTP_ACK_RECEIVED, TFTP_NO_EVENT, TFTP_TIMEOUT, TFTP_ACK_RECEIVED,
           TFTP_ALL_ACKED);
    FOLLOW(TFTP_WRQ_SENT, TFTP_SUCCEEDED, TFTP_OACK_RECEIVED, TFTP_ACK_RECEIVED,
           TFTP_ALL_ACKED);
    FOLLOW(TFTP_WRQ_ANSWERED, TFTP_SUCCEEDED, TFTP_DATA_COMPLETE, TFTP_OK,
           TFTP_TIMEOUT, TFTP_PEER_SILENT);
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_right),
        cmocka_unit_test(nothing_leads_out_of_the_last_states),
        cmocka_unit_test(both_ends_of_a_file_go_their_ways),
    };

    if (argc == 2 && strcmp(argv[1], "--table") == 0) {
        fputs(as_text(), stdout);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
