/*
 * msg/ftp/ftp_machine.h -- the two state machines of common/ftp.h.
 *
 * Pure functions: from a state and an event to the next state and what is to be
 * done. Doing it gives the next event, and so on:
 *
 *     struct ftp_step step = {CLIENT_CALLING, DO_CALL};
 *     while (step.action != DO_END)
 *         step = ftp_client_step(step.state, carry_out(step.action));
 *
 * Nothing else decides what comes after what; and since all there is to decide
 * is in two tables, a test can go through every cell.
 */
#ifndef MSG_FTP_FTP_MACHINE_H
#define MSG_FTP_FTP_MACHINE_H

enum ftp_event {
    ON_DID = 1,     // what was to be done is done
    ON_TROUBLE,     // it cannot be done
    ON_GONE,        // the client's queue was removed
    ON_SILENCE,     // the other end has not moved for too long
    ON_NONSENSE,    // a message that is malformed, or does not belong here
    ON_DATA,        // the client got the next bytes of the file
    ON_EOT,         //     ... its end: length and checksum are right
    ON_ERROR,       //     ... a reason why not
    ON_BYTES,       // the worker has read some of the file
    ON_END_OF_FILE, //     ... all of it
    ON_NOTHING,     //     ... found no PATH in the queue it was called to
    ON_DONE,        //     ... got word that the client has the file
    FTP_EVENTS,
};

enum ftp_action {
    DO_END = 1, // the queue is gone, or will be removed, or was never ours
    DO_CALL,    // client: PATH into its queue, CALL into the server's
    DO_RECEIVE,
    DO_STORE,
    DO_FINISH,  // give the file its name
    DO_CONFIRM, // send DONE
    DO_TAKE,    // worker: take PATH out of the queue
    DO_OPEN,
    DO_READ,
    DO_SEND, // DATA
    DO_SEND_EOT,
    DO_REFUSE, // send ERROR
    DO_AWAIT,  // DONE, or the end of the queue
    DO_REMOVE, // the queue: this wakes the client
};

enum ftp_state {
    CLIENT_CALLING = 1,
    CLIENT_WAITING,
    CLIENT_RECEIVING,
    CLIENT_FINISHING,
    CLIENT_CLOSING,
    CLIENT_SUCCEEDED,
    CLIENT_FAILED,
    WORKER_STARTING,
    WORKER_OPENING,
    WORKER_SENDING,
    WORKER_CLOSING,
    WORKER_REFUSING,
    WORKER_OVER,
    FTP_STATES,
};

struct ftp_step {
    enum ftp_state state;
    enum ftp_action action;
};

static inline struct ftp_step ftp_client_step(enum ftp_state state,
                                              enum ftp_event event)
{
    static const struct ftp_step table[FTP_STATES][FTP_EVENTS] = {
        [CLIENT_CALLING][ON_DID] = {CLIENT_WAITING, DO_RECEIVE},

        [CLIENT_WAITING][ON_DATA] = {CLIENT_RECEIVING, DO_STORE},
        [CLIENT_WAITING][ON_EOT] = {CLIENT_FINISHING, DO_FINISH}, // 0 bytes

        [CLIENT_RECEIVING][ON_DID] = {CLIENT_RECEIVING, DO_RECEIVE},
        [CLIENT_RECEIVING][ON_DATA] = {CLIENT_RECEIVING, DO_STORE},
        [CLIENT_RECEIVING][ON_EOT] = {CLIENT_FINISHING, DO_FINISH},

        [CLIENT_FINISHING][ON_DID] = {CLIENT_CLOSING, DO_CONFIRM},

        [CLIENT_CLOSING][ON_DID] = {CLIENT_CLOSING, DO_RECEIVE},
    };

    if (state < FTP_STATES && event < FTP_EVENTS && table[state][event].action)
        return table[state][event];
    if (state == CLIENT_CLOSING || state == CLIENT_SUCCEEDED)
        return (struct ftp_step){CLIENT_SUCCEEDED, DO_END}; // it has the file
    return (struct ftp_step){CLIENT_FAILED, DO_END};
}

static inline struct ftp_step ftp_worker_step(enum ftp_state state,
                                              enum ftp_event event)
{
    static const struct ftp_step table[FTP_STATES][FTP_EVENTS] = {
        [WORKER_STARTING][ON_DID] = {WORKER_OPENING, DO_OPEN},
        [WORKER_STARTING][ON_NONSENSE] = {WORKER_REFUSING, DO_REFUSE},

        [WORKER_OPENING][ON_DID] = {WORKER_SENDING, DO_READ},
        [WORKER_OPENING][ON_TROUBLE] = {WORKER_REFUSING, DO_REFUSE},

        [WORKER_SENDING][ON_BYTES] = {WORKER_SENDING, DO_SEND},
        [WORKER_SENDING][ON_DID] = {WORKER_SENDING, DO_READ},
        [WORKER_SENDING][ON_END_OF_FILE] = {WORKER_CLOSING, DO_SEND_EOT},
        [WORKER_SENDING][ON_TROUBLE] = {WORKER_REFUSING, DO_REFUSE},
        [WORKER_SENDING][ON_GONE] = {WORKER_OVER, DO_END},

        [WORKER_CLOSING][ON_DID] = {WORKER_CLOSING, DO_AWAIT},
        [WORKER_CLOSING][ON_GONE] = {WORKER_OVER, DO_END},

        [WORKER_REFUSING][ON_DID] = {WORKER_REFUSING, DO_AWAIT},
        [WORKER_REFUSING][ON_GONE] = {WORKER_OVER, DO_END},
    };

    if (state < FTP_STATES && event < FTP_EVENTS && table[state][event].action)
        return table[state][event];
    if (state == WORKER_OPENING || state == WORKER_SENDING ||
        state == WORKER_CLOSING || state == WORKER_REFUSING)
        return (struct ftp_step){WORKER_OVER, DO_REMOVE};
    return (struct ftp_step){WORKER_OVER, DO_END}; // not shown to be ours
}

#endif
