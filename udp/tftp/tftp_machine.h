/*
 * udp/tftp/tftp_machine.h -- the state machine of a TFTP transfer, both ends.
 *
 * There are two ends and two directions, but the sender of the file does the
 * same at either end. Only the beginnings differ:
 *
 *     client, RRQ    server, WRQ           server, RRQ     client, WRQ
 *
 *     RRQ_SENT       WRQ_ANSWERED          RRQ_ANSWERED    WRQ_SENT
 *        |              |                      |               |
 *        | OACK, DATA   | DATA                 | ACK 0         | OACK, ACK 0
 *        v              v                      v               v
 *       RECEIVING <-----'                   SENDING <----------'
 *        |   ^ | DATA                          |  ^ | ACK, timeout
 *        |   '-'                               |  '-'
 *        | the last DATA                       | the last ACK
 *        v                                     v
 *       COMMITTING  (checksum, fsync, name)   SUCCEEDED
 *        |       |
 *        | OK    | OK, a client, and no packet was lost
 *        v       v
 *     DALLYING  SUCCEEDED
 *        | peer gone, or silent    (the last ACK may be lost)
 *        v
 *     SUCCEEDED
 *
 * A pure function from a state and an event to the next state and what is to be
 * done; nothing else decides that. An event for which a state has no row - its
 * own, or that of any state - changes nothing: a datagram that is late, or
 * duplicated, is no reason to fail, nor to send anything. This keeps out the
 * Sorcerer's Apprentice (RFC 1123, section 4.2.3.1): nothing is sent for an ACK
 * that came before.
 */
#ifndef UDP_TFTP_TFTP_MACHINE_H
#define UDP_TFTP_TFTP_MACHINE_H

enum tftp_state {
    TFTP_ANY_STATE,    // the row for those that have none of their own
    TFTP_RRQ_SENT,     // client
    TFTP_WRQ_SENT,     // client
    TFTP_RRQ_ANSWERED, // server: by OACK
    TFTP_WRQ_ANSWERED, // server: by OACK or ACK 0
    TFTP_SENDING,
    TFTP_RECEIVING,
    TFTP_COMMITTING,
    TFTP_DALLYING,
    TFTP_SUCCEEDED, // this one, and the next, are the last
    TFTP_FAILED,
    TFTP_STATES,
};

enum tftp_event {
    TFTP_NO_EVENT,        // what came is old, or does not belong here
    TFTP_OK,              // committed: the file has its name
    TFTP_OK_NO_LOSS,      // the same, and the last ACK may be the last packet
    TFTP_OACK_RECEIVED,   // the options that the server grants
    TFTP_ACK0_RECEIVED,   // of a WRQ, or of an OACK
    TFTP_DATA_RECEIVED,   // new, old or behind a gap
    TFTP_DATA_COMPLETE,   // the last that was missing has arrived
    TFTP_ACK_RECEIVED,    // a new one; or the loss timer has found a block lost
    TFTP_ALL_ACKED,       // the last block as well
    TFTP_TIMEOUT,         // nothing came for one RTO
    TFTP_OPTIONS_REFUSED, // ERROR 8
    TFTP_ERROR_RECEIVED,  // any other ERROR
    TFTP_PEER_GONE,       // ECONNREFUSED
    TFTP_PEER_SILENT,     // nothing new came until the time limit
    TFTP_PROTOCOL_ERROR,  // the OACK grants what was not requested
    TFTP_LOCAL_ERROR,     // the disk, the file
    TFTP_EVENTS,
};

enum tftp_action {
    TFTP_WAIT,               // for the next event; at the end: nothing
    TFTP_SEND_FIRST,         // the request, or the answer to it, (again)
    TFTP_SEND_PLAIN_REQUEST, // without options
    TFTP_SEND_DATA,          // what the window allows
    TFTP_RESEND_DATA,        // the same, and what is not acknowledged is lost
    TFTP_SEND_ACK0,          // the answer to an OACK
    TFTP_SEND_ACK,           // if one is due
    TFTP_REPEAT_ACK,         // it may have been lost
    TFTP_SEND_LAST_ACK,      // of all blocks
    TFTP_COMMIT,             // check the file, and give it its name
    TFTP_SEND_ERROR,
};

struct tftp_step {
    enum tftp_state state;
    enum tftp_action action;
};

// clang-format off
static const struct tftp_step tftp_table[TFTP_STATES][TFTP_EVENTS] = {
    [TFTP_ANY_STATE] = {
        [TFTP_ERROR_RECEIVED]   = {TFTP_FAILED, TFTP_WAIT},
        [TFTP_PEER_GONE]        = {TFTP_FAILED, TFTP_WAIT},
        [TFTP_PEER_SILENT]      = {TFTP_FAILED, TFTP_WAIT},
        [TFTP_OPTIONS_REFUSED]  = {TFTP_FAILED, TFTP_WAIT},
        [TFTP_PROTOCOL_ERROR]   = {TFTP_FAILED, TFTP_SEND_ERROR},
        [TFTP_LOCAL_ERROR]      = {TFTP_FAILED, TFTP_SEND_ERROR},
    },
    [TFTP_RRQ_SENT] = {
        [TFTP_OACK_RECEIVED]    = {TFTP_RECEIVING, TFTP_SEND_ACK0},
        [TFTP_DATA_RECEIVED]    = {TFTP_RECEIVING, TFTP_SEND_ACK},
        [TFTP_DATA_COMPLETE]    = {TFTP_COMMITTING, TFTP_COMMIT},
        [TFTP_OPTIONS_REFUSED]  = {TFTP_RRQ_SENT, TFTP_SEND_PLAIN_REQUEST},
        [TFTP_TIMEOUT]          = {TFTP_RRQ_SENT, TFTP_SEND_FIRST},
    },
    [TFTP_WRQ_SENT] = {
        [TFTP_OACK_RECEIVED]    = {TFTP_SENDING, TFTP_SEND_DATA},
        [TFTP_ACK0_RECEIVED]    = {TFTP_SENDING, TFTP_SEND_DATA},
        [TFTP_OPTIONS_REFUSED]  = {TFTP_WRQ_SENT, TFTP_SEND_PLAIN_REQUEST},
        [TFTP_TIMEOUT]          = {TFTP_WRQ_SENT, TFTP_SEND_FIRST},
    },
    [TFTP_RRQ_ANSWERED] = {
        [TFTP_ACK0_RECEIVED]    = {TFTP_SENDING, TFTP_SEND_DATA},
        [TFTP_TIMEOUT]          = {TFTP_RRQ_ANSWERED, TFTP_SEND_FIRST},
    },
    [TFTP_WRQ_ANSWERED] = {
        [TFTP_DATA_RECEIVED]    = {TFTP_RECEIVING, TFTP_SEND_ACK},
        [TFTP_DATA_COMPLETE]    = {TFTP_COMMITTING, TFTP_COMMIT},
        [TFTP_TIMEOUT]          = {TFTP_WRQ_ANSWERED, TFTP_SEND_FIRST},
    },
    [TFTP_SENDING] = {
        [TFTP_ACK_RECEIVED]     = {TFTP_SENDING, TFTP_SEND_DATA},
        [TFTP_ALL_ACKED]        = {TFTP_SUCCEEDED, TFTP_WAIT},
        [TFTP_TIMEOUT]          = {TFTP_SENDING, TFTP_RESEND_DATA},
    },
    [TFTP_RECEIVING] = {
        [TFTP_OACK_RECEIVED]    = {TFTP_RECEIVING, TFTP_SEND_ACK0},
        [TFTP_DATA_RECEIVED]    = {TFTP_RECEIVING, TFTP_SEND_ACK},
        [TFTP_DATA_COMPLETE]    = {TFTP_COMMITTING, TFTP_COMMIT},
        [TFTP_TIMEOUT]          = {TFTP_RECEIVING, TFTP_REPEAT_ACK},
    },
    [TFTP_COMMITTING] = {
        [TFTP_OK]               = {TFTP_DALLYING, TFTP_SEND_LAST_ACK},
        [TFTP_OK_NO_LOSS]       = {TFTP_SUCCEEDED, TFTP_SEND_LAST_ACK},
    },
    [TFTP_DALLYING] = {
        [TFTP_DATA_RECEIVED]    = {TFTP_DALLYING, TFTP_SEND_LAST_ACK},
        [TFTP_TIMEOUT]          = {TFTP_DALLYING, TFTP_SEND_LAST_ACK},
        [TFTP_ERROR_RECEIVED]   = {TFTP_SUCCEEDED, TFTP_WAIT},
        [TFTP_PEER_GONE]        = {TFTP_SUCCEEDED, TFTP_WAIT},
        [TFTP_PEER_SILENT]      = {TFTP_SUCCEEDED, TFTP_WAIT},
        [TFTP_OPTIONS_REFUSED]  = {TFTP_SUCCEEDED, TFTP_WAIT},
        [TFTP_PROTOCOL_ERROR]   = {TFTP_SUCCEEDED, TFTP_WAIT},
        [TFTP_LOCAL_ERROR]      = {TFTP_SUCCEEDED, TFTP_WAIT},
    },
};
// clang-format on

static inline struct tftp_step tftp_step(enum tftp_state state,
                                         enum tftp_event event)
{
    const struct tftp_step unchanged = {state, TFTP_WAIT};
    if (state == TFTP_ANY_STATE || state >= TFTP_SUCCEEDED ||
        event >= TFTP_EVENTS)
        return unchanged;
    if (tftp_table[state][event].state)
        return tftp_table[state][event];
    return tftp_table[TFTP_ANY_STATE][event].state
               ? tftp_table[TFTP_ANY_STATE][event]
               : unchanged;
}

#endif
