/*
 * msg/ftp/ftp_machine.h -- the two state machines of common/ftp.h.
 *
 * The client:
 *
 *     CALLING -called-> WAITING -DATA-> RECEIVING -.
 *                          |             | ^ DATA  |
 *                         EOT           EOT `------'
 *                          v             v
 *                        COMMITTING <----'  -renamed-> CLOSING -> SUCCEEDED
 *
 *     from the first four, by any other event -> FAILED
 *
 * The worker:
 *
 *     STARTING -PATH-> OPENING -open-> SENDING -end of file-> CLOSING -.
 *        |                | cannot       | cannot              DONE,   |
 *        | no request     v              v                     removed |
 *        |            REFUSING <---------'                             |
 *        v                `-queue removed-.                            v
 *      CLOSED <---------------------------'----------------------------'
 *
 *     from the others but STARTING, by any other event: remove the queue
 *
 * Pure functions: from a state and an event to the next state and what is to be
 * done. Doing it gives the next event, and so on:
 *
 *     struct ftp_step step = {FTP_CLIENT_CALLING, FTP_SEND_CALL};
 *     while (step.action != FTP_END)
 *         step = ftp_client_step(step.state, carry_out(step.action));
 *
 * Nothing else decides what comes after what; and since all there is to decide
 * is in two tables, a test can go through every cell.
 */
#ifndef MSG_FTP_FTP_MACHINE_H
#define MSG_FTP_FTP_MACHINE_H

enum ftp_state {
    FTP_CLIENT_CALLING = 1,
    FTP_CLIENT_WAITING,
    FTP_CLIENT_RECEIVING,
    FTP_CLIENT_COMMITTING,
    FTP_CLIENT_CLOSING,
    FTP_CLIENT_SUCCEEDED,
    FTP_CLIENT_FAILED,
    FTP_WORKER_STARTING,
    FTP_WORKER_OPENING,
    FTP_WORKER_SENDING,
    FTP_WORKER_CLOSING,
    FTP_WORKER_REFUSING,
    FTP_WORKER_CLOSED,
    FTP_STATES,
};

enum ftp_event {
    FTP_OTHER_EVENT,    // in the tables: any that has no cell of its own
    FTP_OK,             // what was to be done is done
    FTP_LOCAL_ERROR,    // it cannot be done
    FTP_QUEUE_REMOVED,  // the client's queue
    FTP_TIMEOUT,        // the other end has not moved for too long
    FTP_PROTOCOL_ERROR, // a message that is malformed, or does not belong here
    FTP_DATA_RECEIVED,  // client
    FTP_EOT_RECEIVED,   // client: length and checksum are right
    FTP_ERROR_RECEIVED, // client: a reason why not
    FTP_DATA_READ,      // worker: the next bytes of the file
    FTP_END_OF_FILE,    // worker
    FTP_NO_REQUEST,     // worker: no PATH in the queue that CALL named
    FTP_DONE_RECEIVED,  // worker
    FTP_EVENTS,
};

enum ftp_action {
    FTP_END = 1,      // the queue is gone, or will be removed, or is not ours
    FTP_SEND_CALL,    // client: PATH into its queue, CALL into the server's
    FTP_RECEIVE,      // client
    FTP_STORE,        // client
    FTP_COMMIT,       // client: give the file its name
    FTP_SEND_DONE,    // client
    FTP_RECEIVE_PATH, // worker
    FTP_OPEN,         // worker
    FTP_READ,         // worker
    FTP_SEND_DATA,    // worker
    FTP_SEND_EOT,     // worker
    FTP_SEND_ERROR,   // worker
    FTP_WAIT_CONFIRM, // worker: for DONE, or the removal of the queue
    FTP_REMOVE_QUEUE, // worker: this wakes the client
};

struct ftp_step {
    enum ftp_state state;
    enum ftp_action action;
};

// clang-format off
static const struct ftp_step ftp_client_table[FTP_STATES][FTP_EVENTS] = {
    [FTP_CLIENT_CALLING] = {
        [FTP_OK]            = {FTP_CLIENT_WAITING, FTP_RECEIVE},
        [FTP_OTHER_EVENT]   = {FTP_CLIENT_FAILED, FTP_END},
    },
    [FTP_CLIENT_WAITING] = {
        [FTP_DATA_RECEIVED] = {FTP_CLIENT_RECEIVING, FTP_STORE},
        [FTP_EOT_RECEIVED]  = {FTP_CLIENT_COMMITTING, FTP_COMMIT}, // 0 bytes
        [FTP_OTHER_EVENT]   = {FTP_CLIENT_FAILED, FTP_END},
    },
    [FTP_CLIENT_RECEIVING] = {
        [FTP_OK]            = {FTP_CLIENT_RECEIVING, FTP_RECEIVE},
        [FTP_DATA_RECEIVED] = {FTP_CLIENT_RECEIVING, FTP_STORE},
        [FTP_EOT_RECEIVED]  = {FTP_CLIENT_COMMITTING, FTP_COMMIT},
        [FTP_OTHER_EVENT]   = {FTP_CLIENT_FAILED, FTP_END},
    },
    [FTP_CLIENT_COMMITTING] = {
        [FTP_OK]            = {FTP_CLIENT_CLOSING, FTP_SEND_DONE},
        [FTP_OTHER_EVENT]   = {FTP_CLIENT_FAILED, FTP_END},
    },
    [FTP_CLIENT_CLOSING] = { // it has the file, whatever comes now
        [FTP_OK]            = {FTP_CLIENT_CLOSING, FTP_RECEIVE},
        [FTP_OTHER_EVENT]   = {FTP_CLIENT_SUCCEEDED, FTP_END},
    },
    [FTP_CLIENT_SUCCEEDED] = {
        [FTP_OTHER_EVENT]   = {FTP_CLIENT_SUCCEEDED, FTP_END},
    },
};

static const struct ftp_step ftp_worker_table[FTP_STATES][FTP_EVENTS] = {
    [FTP_WORKER_STARTING] = {
        [FTP_OK]             = {FTP_WORKER_OPENING, FTP_OPEN},
        [FTP_PROTOCOL_ERROR] = {FTP_WORKER_REFUSING, FTP_SEND_ERROR},
        [FTP_OTHER_EVENT]    = {FTP_WORKER_CLOSED, FTP_END}, // not shown to be
    },                                                       // a client's
    [FTP_WORKER_OPENING] = {
        [FTP_OK]             = {FTP_WORKER_SENDING, FTP_READ},
        [FTP_LOCAL_ERROR]    = {FTP_WORKER_REFUSING, FTP_SEND_ERROR},
        [FTP_OTHER_EVENT]    = {FTP_WORKER_CLOSED, FTP_REMOVE_QUEUE},
    },
    [FTP_WORKER_SENDING] = {
        [FTP_DATA_READ]      = {FTP_WORKER_SENDING, FTP_SEND_DATA},
        [FTP_OK]             = {FTP_WORKER_SENDING, FTP_READ},
        [FTP_END_OF_FILE]    = {FTP_WORKER_CLOSING, FTP_SEND_EOT},
        [FTP_LOCAL_ERROR]    = {FTP_WORKER_REFUSING, FTP_SEND_ERROR},
        [FTP_QUEUE_REMOVED]  = {FTP_WORKER_CLOSED, FTP_END},
        [FTP_OTHER_EVENT]    = {FTP_WORKER_CLOSED, FTP_REMOVE_QUEUE},
    },
    [FTP_WORKER_CLOSING] = {
        [FTP_OK]             = {FTP_WORKER_CLOSING, FTP_WAIT_CONFIRM},
        [FTP_QUEUE_REMOVED]  = {FTP_WORKER_CLOSED, FTP_END},
        [FTP_OTHER_EVENT]    = {FTP_WORKER_CLOSED, FTP_REMOVE_QUEUE}, // DONE
    },
    [FTP_WORKER_REFUSING] = {
        [FTP_OK]             = {FTP_WORKER_REFUSING, FTP_WAIT_CONFIRM},
        [FTP_QUEUE_REMOVED]  = {FTP_WORKER_CLOSED, FTP_END},
        [FTP_OTHER_EVENT]    = {FTP_WORKER_CLOSED, FTP_REMOVE_QUEUE},
    },
};
// clang-format on

static inline struct ftp_step
ftp_step_of(const struct ftp_step table[FTP_STATES][FTP_EVENTS],
            enum ftp_state state, enum ftp_event event)
{
    const struct ftp_step *row = table[state < FTP_STATES ? state : 0];

    return event < FTP_EVENTS && row[event].action ? row[event]
                                                   : row[FTP_OTHER_EVENT];
}

static inline struct ftp_step ftp_client_step(enum ftp_state state,
                                              enum ftp_event event)
{
    struct ftp_step step = ftp_step_of(ftp_client_table, state, event);

    return step.action ? step : (struct ftp_step){FTP_CLIENT_FAILED, FTP_END};
}

static inline struct ftp_step ftp_worker_step(enum ftp_state state,
                                              enum ftp_event event)
{
    struct ftp_step step = ftp_step_of(ftp_worker_table, state, event);

    return step.action ? step : (struct ftp_step){FTP_WORKER_CLOSED, FTP_END};
}

#endif
