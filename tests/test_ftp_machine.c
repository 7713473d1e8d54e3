/*
 * tests/test_ftp_machine.c -- every cell of the tables in msg/ftp/ftp_machine.h.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "../msg/ftp/ftp_machine.h"

// All that can be said of a state, an event and an action: two letters each.
static const char *const state_names[FTP_STATES] = {
    [0] = "??",
    [CLIENT_CALLING] = "Ca",
    [CLIENT_WAITING] = "Wa",
    [CLIENT_RECEIVING] = "Re",
    [CLIENT_FINISHING] = "Fi",
    [CLIENT_CLOSING] = "Cl",
    [CLIENT_SUCCEEDED] = "Su",
    [CLIENT_FAILED] = "Fa",
    [WORKER_STARTING] = "St",
    [WORKER_OPENING] = "Op",
    [WORKER_SENDING] = "Se",
    [WORKER_CLOSING] = "Cl",
    [WORKER_REFUSING] = "Rf",
    [WORKER_OVER] = "Ov",
};

static const char *const action_names[] = {
    [0] = "???",           [DO_END] = "end",     [DO_CALL] = "call",
    [DO_RECEIVE] = "recv", [DO_STORE] = "store", [DO_FINISH] = "finish",
    [DO_CONFIRM] = "done", [DO_TAKE] = "take",   [DO_OPEN] = "open",
    [DO_READ] = "read",    [DO_SEND] = "send",   [DO_SEND_EOT] = "eot",
    [DO_REFUSE] = "error", [DO_AWAIT] = "await", [DO_REMOVE] = "remove",
};

// A row: a state, and what comes of it on each event, in this order:
//  (no such), DID, TROUBLE, GONE, RECV_TIMEOUT_S, NONSENSE, DATA, EOT, ERROR, BYTES,
//  END_OF_FILE, NOTHING, DONE, (no such)
struct row {
    enum ftp_state state;
    const char *cells[FTP_EVENTS + 1];
};

#define ALL(cell)                                                              \
    {                                                                          \
        cell, cell, cell, cell, cell, cell, cell, cell, cell, cell, cell,      \
            cell, cell, cell                                                   \
    }

static const struct row client_rows[] = {
    {0, ALL("Fa end")},
    {CLIENT_CALLING,
     {"Fa end", "Wa recv", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end",
      "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end"}},
    {CLIENT_WAITING,
     {"Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Re store",
      "Fi finish", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end"}},
    {CLIENT_RECEIVING,
     {"Fa end", "Re recv", "Fa end", "Fa end", "Fa end", "Fa end", "Re store",
      "Fi finish", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end"}},
    {CLIENT_FINISHING,
     {"Fa end", "Cl done", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end",
      "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end"}},
    {CLIENT_CLOSING, // it has the file, whatever comes now
     {"Su end", "Cl recv", "Su end", "Su end", "Su end", "Su end", "Su end",
      "Su end", "Su end", "Su end", "Su end", "Su end", "Su end", "Su end"}},
    {CLIENT_SUCCEEDED, ALL("Su end")},
    {CLIENT_FAILED, ALL("Fa end")},
    {WORKER_STARTING, ALL("Fa end")}, // not states of a client
    {WORKER_OPENING, ALL("Fa end")},
    {WORKER_SENDING, ALL("Fa end")},
    {WORKER_CLOSING, ALL("Fa end")},
    {WORKER_REFUSING, ALL("Fa end")},
    {WORKER_OVER, ALL("Fa end")},
    {FTP_STATES, ALL("Fa end")},
};

static const struct row worker_rows[] = {
    {0, ALL("Ov end")},
    {CLIENT_CALLING, ALL("Ov end")}, // not states of a worker
    {CLIENT_WAITING, ALL("Ov end")},
    {CLIENT_RECEIVING, ALL("Ov end")},
    {CLIENT_FINISHING, ALL("Ov end")},
    {CLIENT_CLOSING, ALL("Ov end")},
    {CLIENT_SUCCEEDED, ALL("Ov end")},
    {CLIENT_FAILED, ALL("Ov end")},
    {WORKER_STARTING, // until there was a request, nothing is done to the queue
     {"Ov end", "Op open", "Ov end", "Ov end", "Ov end", "Rf error", "Ov end",
      "Ov end", "Ov end", "Ov end", "Ov end", "Ov end", "Ov end", "Ov end"}},
    {WORKER_OPENING,
     {"Ov remove", "Se read", "Rf error", "Ov remove", "Ov remove", "Ov remove",
      "Ov remove", "Ov remove", "Ov remove", "Ov remove", "Ov remove",
      "Ov remove", "Ov remove", "Ov remove"}},
    {WORKER_SENDING,
     {"Ov remove", "Se read", "Rf error", "Ov end", "Ov remove", "Ov remove",
      "Ov remove", "Ov remove", "Ov remove", "Se send", "Cl eot", "Ov remove",
      "Ov remove", "Ov remove"}},
    {WORKER_CLOSING,
     {"Ov remove", "Cl await", "Ov remove", "Ov end", "Ov remove", "Ov remove",
      "Ov remove", "Ov remove", "Ov remove", "Ov remove", "Ov remove",
      "Ov remove", "Ov remove", "Ov remove"}},
    {WORKER_REFUSING,
     {"Ov remove", "Rf await", "Ov remove", "Ov end", "Ov remove", "Ov remove",
      "Ov remove", "Ov remove", "Ov remove", "Ov remove", "Ov remove",
      "Ov remove", "Ov remove", "Ov remove"}},
    {WORKER_OVER, ALL("Ov end")},
    {FTP_STATES, ALL("Ov end")},
};

_Static_assert(FTP_EVENTS == 13, "a new event: the rows have a cell less");
_Static_assert(sizeof client_rows / sizeof *client_rows == FTP_STATES + 1,
               "a new state: there is a row less");
_Static_assert(sizeof worker_rows / sizeof *worker_rows == FTP_STATES + 1,
               "a new state: there is a row less");

static void compare(const struct row *rows,
                    struct ftp_step step(enum ftp_state, enum ftp_event))
{
    for (size_t i = 0; i <= FTP_STATES; i++)
        for (unsigned event = 0; event <= FTP_EVENTS; event++) {
            char cell[32];
            struct ftp_step next = step(rows[i].state, event);
            snprintf(cell, sizeof cell, "%s %s", state_names[next.state],
                     action_names[next.action]);
            if (strcmp(cell, rows[i].cells[event]) != 0)
                fail_msg("state %u, event %u: %s instead of %s", rows[i].state,
                         event, cell, rows[i].cells[event]);
        }
}

static void every_cell_of_the_client_is_right(void **state)
{
    (void)state;
    compare(client_rows, ftp_client_step);
}

static void every_cell_of_the_worker_is_right(void **state)
{
    (void)state;
    compare(worker_rows, ftp_worker_step);
}

// A transfer as the picture in ftp.h has it, all the way.
static void a_file_goes_its_way(void **state)
{
    (void)state;
    const enum ftp_event client[] = {ON_DID, ON_DATA, ON_DID, ON_DATA, ON_DID,
                                     ON_EOT, ON_DID,  ON_DID, ON_GONE};
    const enum ftp_event worker[] = {ON_DID,         ON_DID,   ON_BYTES,
                                     ON_DID,         ON_BYTES, ON_DID,
                                     ON_END_OF_FILE, ON_DID,   ON_DONE};
    struct ftp_step step = {CLIENT_CALLING, DO_CALL};

    for (size_t i = 0; i < sizeof client / sizeof *client; i++) {
        assert_int_not_equal(step.action, DO_END);
        step = ftp_client_step(step.state, client[i]);
    }
    assert_int_equal(step.state, CLIENT_SUCCEEDED);
    assert_int_equal(step.action, DO_END);

    step = (struct ftp_step){WORKER_STARTING, DO_TAKE};
    for (size_t i = 0; i < sizeof worker / sizeof *worker; i++) {
        assert_int_not_equal(step.action, DO_END);
        step = ftp_worker_step(step.state, worker[i]);
    }
    assert_int_equal(step.state, WORKER_OVER);
    assert_int_equal(step.action, DO_REMOVE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_the_client_is_right),
        cmocka_unit_test(every_cell_of_the_worker_is_right),
        cmocka_unit_test(a_file_goes_its_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
