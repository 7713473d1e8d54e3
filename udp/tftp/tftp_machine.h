/*
 * udp/tftp/tftp_machine.h -- the state machine of a TFTP transfer, both ends.
 *
 * There are two ends and two directions, but whoever sends the file does the
 * same whichever end that is. Only the beginnings differ:
 *
 *     client, RRQ    server, WRQ           server, RRQ     client, WRQ
 *
 *     ASKING         INVITING              OFFERING        SUBMITTING
 *        |              |                      |               |
 *        | OACK, DATA   | DATA                 | ACK 0         | OACK, ACK 0
 *        v              v                      v               v
 *       RECEIVING <-----'                   SENDING <----------'
 *        |   ^ | DATA                          |  ^ | ACK, time
 *        |   '-'                               |  '-'
 *        | the last DATA                       | the last ACK
 *        v                                     v
 *       KEEPING  (is it whole? on the disk?)  SUCCEEDED
 *        | done
 *        v
 *       LINGERING  (the last ACK may be lost)
 *        | time
 *        v
 *       SUCCEEDED
 *
 *     from all but SUCCEEDED and LINGERING: ERROR, RECV_TIMEOUT_S, TROUBLE -> FAILED
 *
 * A pure function from a state and an event to the next state and what is to be
 * done. An event that a state has no use for changes nothing: a datagram that
 * is late, or doubled, is no reason to fail - nor to send anything. It is here
 * that the Sorcerer's Apprentice is not let in (RFC 1123, section 4.2.3.1): an
 * ACK that came before is ON_OLD, and nothing is sent for it.
 */
#ifndef UDP_TFTP_TFTP_MACHINE_H
#define UDP_TFTP_TFTP_MACHINE_H

enum tftp_event {
    ON_OLD = 1,  // something that was there before, or does not belong here
    ON_OACK,     // the answer to what was asked for
    ON_READY,    // ACK 0
    ON_DATA,     // DATA: new, old or behind a gap
    ON_WHOLE,    // the last of them has come
    ON_ACK,      // an ACK that says something new
    ON_ALL,      // everything is acknowledged
    ON_TIME,     // nothing came, for as long as an answer takes
    ON_SILENCE,  // nothing new came, for longer than anybody waits
    ON_ERROR,    // the other end gives up
    ON_NONSENSE, // what comes is no answer to what was asked for
    ON_TROUBLE,  // here is something wrong: the disk, the file
    ON_DID,      // it is kept
    TFTP_EVENTS,
};

enum tftp_action {
    DO_WAIT = 1, // for the next datagram
    DO_ASK,      // send the request (again)
    DO_OFFER,    // send the OACK, or ACK 0 (again)
    DO_ACK,      // say what has come
    DO_SEND,     // send what may be sent
    DO_RESEND,   // the same, and what is not acknowledged is lost
    DO_KEEP,     // check the file, and give it its name
    DO_REFUSE,   // send an ERROR, and end
    DO_END,
};

enum tftp_state {
    TFTP_ASKING = 1, // client: RRQ
    TFTP_SUBMITTING, // client: WRQ
    TFTP_OFFERING,   // server: RRQ
    TFTP_INVITING,   // server: WRQ
    TFTP_SENDING,
    TFTP_RECEIVING,
    TFTP_KEEPING,
    TFTP_LINGERING,
    TFTP_SUCCEEDED,
    TFTP_FAILED,
    TFTP_STATES,
};

struct tftp_step {
    enum tftp_state state;
    enum tftp_action action;
};

static inline struct tftp_step tftp_step(enum tftp_state state,
                                         enum tftp_event event)
{
    static const struct tftp_step table[TFTP_STATES][TFTP_EVENTS] = {
        [TFTP_ASKING][ON_OACK] = {TFTP_RECEIVING, DO_ACK},
        [TFTP_ASKING][ON_DATA] = {TFTP_RECEIVING, DO_ACK}, // a plain server
        [TFTP_ASKING][ON_WHOLE] = {TFTP_KEEPING, DO_KEEP},
        [TFTP_ASKING][ON_TIME] = {TFTP_ASKING, DO_ASK},

        [TFTP_SUBMITTING][ON_OACK] = {TFTP_SENDING, DO_SEND},
        [TFTP_SUBMITTING][ON_READY] = {TFTP_SENDING, DO_SEND},
        [TFTP_SUBMITTING][ON_TIME] = {TFTP_SUBMITTING, DO_ASK},

        [TFTP_OFFERING][ON_READY] = {TFTP_SENDING, DO_SEND},
        [TFTP_OFFERING][ON_TIME] = {TFTP_OFFERING, DO_OFFER},

        [TFTP_INVITING][ON_DATA] = {TFTP_RECEIVING, DO_ACK},
        [TFTP_INVITING][ON_WHOLE] = {TFTP_KEEPING, DO_KEEP},
        [TFTP_INVITING][ON_TIME] = {TFTP_INVITING, DO_OFFER},

        [TFTP_SENDING][ON_ACK] = {TFTP_SENDING, DO_SEND},
        [TFTP_SENDING][ON_TIME] = {TFTP_SENDING, DO_RESEND},
        [TFTP_SENDING][ON_ALL] = {TFTP_SUCCEEDED, DO_END},

        [TFTP_RECEIVING][ON_OACK] = {TFTP_RECEIVING, DO_ACK}, // ACK 0 was lost
        [TFTP_RECEIVING][ON_DATA] = {TFTP_RECEIVING, DO_ACK},
        [TFTP_RECEIVING][ON_WHOLE] = {TFTP_KEEPING, DO_KEEP},
        [TFTP_RECEIVING][ON_TIME] = {TFTP_RECEIVING, DO_ACK},

        [TFTP_KEEPING][ON_DID] = {TFTP_LINGERING, DO_ACK},

        [TFTP_LINGERING][ON_DATA] = {TFTP_LINGERING, DO_ACK},
        [TFTP_LINGERING][ON_WHOLE] = {TFTP_LINGERING, DO_ACK},
        [TFTP_LINGERING][ON_TIME] = {TFTP_SUCCEEDED, DO_END},
        [TFTP_LINGERING][ON_SILENCE] = {TFTP_SUCCEEDED, DO_END},
        [TFTP_LINGERING][ON_ERROR] = {TFTP_SUCCEEDED, DO_END},
        [TFTP_LINGERING][ON_TROUBLE] = {TFTP_SUCCEEDED, DO_END},
    };

    if (state < TFTP_STATES && event < TFTP_EVENTS &&
        table[state][event].action)
        return table[state][event];
    if (state == TFTP_SUCCEEDED || state == TFTP_FAILED || state == 0 ||
        state >= TFTP_STATES)
        return (struct tftp_step){state == TFTP_SUCCEEDED ? state : TFTP_FAILED,
                                  DO_END};
    if (state != TFTP_LINGERING && (event == ON_ERROR || event == ON_SILENCE))
        return (struct tftp_step){TFTP_FAILED, DO_END};
    if (state != TFTP_LINGERING &&
        (event == ON_TROUBLE || event == ON_NONSENSE))
        return (struct tftp_step){TFTP_FAILED, DO_REFUSE};
    return (struct tftp_step){state, DO_WAIT};
}

#endif
