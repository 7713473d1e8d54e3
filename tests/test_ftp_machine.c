/*
 * tests/test_ftp_machine.c -- every cell of the tables in ftp_machine.h.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "../msg/ftp/ftp_machine.h"

// All that can be said of a state, an event and an action: two letters each.
static const char *const state_names[FTP_STATES] = {
    [0] = "??",
    [FTP_CLIENT_CALLING] = "Ca",
    [FTP_CLIENT_WAITING] = "Wa",
    [FTP_CLIENT_RECEIVING] = "Re",
    [FTP_CLIENT_COMMITTING] = "Co",
    [FTP_CLIENT_CLOSING] = "Cl",
    [FTP_CLIENT_SUCCEEDED] = "Su",
    [FTP_CLIENT_FAILED] = "Fa",
    [FTP_WORKER_STARTING] = "St",
    [FTP_WORKER_OPENING] = "Op",
    [FTP_WORKER_SENDING] = "Se",
    [FTP_WORKER_CLOSING] = "Cl",
    [FTP_WORKER_REFUSING] = "Rf",
    [FTP_WORKER_CLOSED] = "Cd",
};

static const char *const action_names[] = {
    [0] = "???",
    [FTP_END] = "end",
    [FTP_SEND_CALL] = "call",
    [FTP_RECEIVE] = "recv",
    [FTP_STORE] = "store",
    [FTP_COMMIT] = "commit",
    [FTP_SEND_DONE] = "done",
    [FTP_RECEIVE_PATH] = "take",
    [FTP_OPEN] = "open",
    [FTP_READ] = "read",
    [FTP_SEND_DATA] = "send",
    [FTP_SEND_EOT] = "eot",
    [FTP_SEND_ERROR] = "error",
    [FTP_WAIT_CONFIRM] = "await",
    [FTP_REMOVE_QUEUE] = "remove",
};

// A row: a state, and what comes of it on each event, in this order:
//  (no such), OK, LOCAL_ERROR, QUEUE_REMOVED, TIMEOUT, PROTOCOL_ERROR,
//  DATA_RECEIVED, EOT_RECEIVED, ERROR_RECEIVED, DATA_READ, END_OF_FILE,
//  NO_REQUEST, DONE_RECEIVED, (no such)
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
    {FTP_CLIENT_CALLING,
     {"Fa end", "Wa recv", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end",
      "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end"}},
    {FTP_CLIENT_WAITING,
     {"Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Re store",
      "Co commit", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end"}},
    {FTP_CLIENT_RECEIVING,
     {"Fa end", "Re recv", "Fa end", "Fa end", "Fa end", "Fa end", "Re store",
      "Co commit", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end"}},
    {FTP_CLIENT_COMMITTING,
     {"Fa end", "Cl done", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end",
      "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end", "Fa end"}},
    {FTP_CLIENT_CLOSING, // it has the file, whatever comes now
     {"Su end", "Cl recv", "Su end", "Su end", "Su end", "Su end", "Su end",
      "Su end", "Su end", "Su end", "Su end", "Su end", "Su end", "Su end"}},
    {FTP_CLIENT_SUCCEEDED, ALL("Su end")},
    {FTP_CLIENT_FAILED, ALL("Fa end")},
    {FTP_WORKER_STARTING, ALL("Fa end")}, // not states of a client
    {FTP_WORKER_OPENING, ALL("Fa end")},
    {FTP_WORKER_SENDING, ALL("Fa end")},
    {FTP_WORKER_CLOSING, ALL("Fa end")},
    {FTP_WORKER_REFUSING, ALL("Fa end")},
    {FTP_WORKER_CLOSED, ALL("Fa end")},
    {FTP_STATES, ALL("Fa end")},
};

static const struct row worker_rows[] = {
    {0, ALL("Cd end")},
    {FTP_CLIENT_CALLING, ALL("Cd end")}, // not states of a worker
    {FTP_CLIENT_WAITING, ALL("Cd end")},
    {FTP_CLIENT_RECEIVING, ALL("Cd end")},
    {FTP_CLIENT_COMMITTING, ALL("Cd end")},
    {FTP_CLIENT_CLOSING, ALL("Cd end")},
    {FTP_CLIENT_SUCCEEDED, ALL("Cd end")},
    {FTP_CLIENT_FAILED, ALL("Cd end")},
    {FTP_WORKER_STARTING, // without a request, the queue is left alone
     {"Cd end", "Op open", "Cd end", "Cd end", "Cd end", "Rf error", "Cd end",
      "Cd end", "Cd end", "Cd end", "Cd end", "Cd end", "Cd end", "Cd end"}},
    {FTP_WORKER_OPENING,
     {"Cd remove", "Se read", "Rf error", "Cd remove", "Cd remove", "Cd remove",
      "Cd remove", "Cd remove", "Cd remove", "Cd remove", "Cd remove",
      "Cd remove", "Cd remove", "Cd remove"}},
    {FTP_WORKER_SENDING,
     {"Cd remove", "Se read", "Rf error", "Cd end", "Cd remove", "Cd remove",
      "Cd remove", "Cd remove", "Cd remove", "Se send", "Cl eot", "Cd remove",
      "Cd remove", "Cd remove"}},
    {FTP_WORKER_CLOSING,
     {"Cd remove", "Cl await", "Cd remove", "Cd end", "Cd remove", "Cd remove",
      "Cd remove", "Cd remove", "Cd remove", "Cd remove", "Cd remove",
      "Cd remove", "Cd remove", "Cd remove"}},
    {FTP_WORKER_REFUSING,
     {"Cd remove", "Rf await", "Cd remove", "Cd end", "Cd remove", "Cd remove",
      "Cd remove", "Cd remove", "Cd remove", "Cd remove", "Cd remove",
      "Cd remove", "Cd remove", "Cd remove"}},
    {FTP_WORKER_CLOSED, ALL("Cd end")},
    {FTP_STATES, ALL("Cd end")},
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
    const enum ftp_event client[] = {
        FTP_OK,           FTP_DATA_RECEIVED, FTP_OK, FTP_DATA_RECEIVED,
        FTP_OK,           FTP_EOT_RECEIVED,  FTP_OK, FTP_OK,
        FTP_QUEUE_REMOVED};
    const enum ftp_event worker[] = {
        FTP_OK, FTP_OK,          FTP_DATA_READ, FTP_OK,           FTP_DATA_READ,
        FTP_OK, FTP_END_OF_FILE, FTP_OK,        FTP_DONE_RECEIVED};
    struct ftp_step step = {FTP_CLIENT_CALLING, FTP_SEND_CALL};

    for (size_t i = 0; i < sizeof client / sizeof *client; i++) {
        assert_int_not_equal(step.action, FTP_END);
        step = ftp_client_step(step.state, client[i]);
    }
    assert_int_equal(step.state, FTP_CLIENT_SUCCEEDED);
    assert_int_equal(step.action, FTP_END);

    step = (struct ftp_step){FTP_WORKER_STARTING, FTP_RECEIVE_PATH};
    for (size_t i = 0; i < sizeof worker / sizeof *worker; i++) {
        assert_int_not_equal(step.action, FTP_END);
        step = ftp_worker_step(step.state, worker[i]);
    }
    assert_int_equal(step.state, FTP_WORKER_CLOSED);
    assert_int_equal(step.action, FTP_REMOVE_QUEUE);
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
