/*
 * udp/tftp/tftp_run.h -- the loop of a transfer: carry out what tftp_machine.h
 * says, wait for the next event, ask tftp_machine.h again.
 *
 * tftp_run(), the last function, is that loop. Before it come its two halves:
 * the actions, tftp_run_act(), and the events, tftp_run_wait().
 */
#ifndef UDP_TFTP_TFTP_RUN_H
#define UDP_TFTP_TFTP_RUN_H

#include "tftp_transfer.h"

#define TFTP_DALLY_MAX                                                         \
    250000 // microseconds, of a client: see tftp_run_dally_us

// The peer answers: forget what rto_expired has added. The answer to the first
// packet, or to ACK 0, is a round trip.
static inline void tftp_run_answered(struct tftp_transfer *t)
{
    if (t->first.attempts > 0)
        rto_answered(&t->rto, t->now - t->first.sent, t->first.attempts);
    t->first.attempts = 0;
    rto_recover(&t->rto);
}

// Whether the packet is as it was sent, by the CRC that was agreed on; without
// one, true. Takes the CRC off. number is that of its block.
static inline bool tftp_run_intact(struct tftp_transfer *t, struct cksum *crc,
                                   struct tftp_packet *p, int64_t number,
                                   const uint8_t *datagram, size_t n)
{
    bool agreeing = t->state < TFTP_SENDING;

    // An OACK has its own, as an option; and a client that does not accept the
    // options says so in a plain ERROR.
    if (!crc || p->opcode == TFTP_OACK || (agreeing && p->opcode == TFTP_ERROR))
        return true;
    if (!tftp_crc_ok(crc, p->opcode == TFTP_ERROR ? 0 : number, datagram, n)) {
        t->receiver.saw_loss = true;
        return false;
    }
    p->count -= p->opcode == TFTP_ERROR ? 0 : TFTP_CRC;
    return true;
}

// A datagram becomes an event.
static inline enum tftp_event tftp_run_receive(struct tftp_transfer *t,
                                               uint8_t *datagram, size_t n)
{
    struct tftp_packet p;

    if (!tftp_decode(&p, datagram, n))
        return TFTP_NO_EVENT;
    if (!t->is_agreed) {
        enum tftp_event event = t->answered(t, datagram, n, &p);
        if (event != TFTP_NO_EVENT)
            tftp_run_answered(t);
        if (event != TFTP_DATA_RECEIVED) // that is DATA 1 of a plain server
            return event;
    }
    bool sends = t->sender.ring != NULL; // tftp_transfer_agree() says which
    struct cksum *crc = sends ? t->sender.crc : t->receiver.crc;
    int64_t number =
        tftp_unwrap(sends ? t->sender.window.base : t->receiver.base, p.block);
    if (!tftp_run_intact(t, crc, &p, number, datagram, n))
        return TFTP_NO_EVENT;

    switch (p.opcode) {
    case TFTP_ERROR:
        t->error = tftp_error_from_packet(&p);
        return TFTP_ERROR_RECEIVED;
    case TFTP_ACK:
        if (t->state == TFTP_SENDING)
            return tftp_sender_acked(&t->sender, &p, number, t->now);
        if (t->state != TFTP_RRQ_ANSWERED || number != 0)
            return TFTP_NO_EVENT;
        tftp_run_answered(t);
        return TFTP_ACK0_RECEIVED;
    case TFTP_DATA:
        if (sends)
            return TFTP_NO_EVENT;
        tftp_run_answered(t);
        return tftp_receiver_add(&t->receiver, number, datagram + TFTP_HEADER,
                                 p.count);
    case TFTP_OACK: // again: our ACK 0 was lost
        return t->state == TFTP_RECEIVING && t->receiver.base == 0
                   ? TFTP_OACK_RECEIVED
                   : TFTP_NO_EVENT;
    default:
        return TFTP_NO_EVENT;
    }
}

// The next datagram that was read, as an event; false if there is none. If it
// was of use, the address that it came from is the peer's from now on. Not so
// if it refused options: the next request will be answered from a new port.
static inline bool tftp_run_next(struct tftp_transfer *t,
                                 enum tftp_event *event)
{
    uint8_t *datagram;
    size_t n;

    if (!t->net->next(t->net, &datagram, &n))
        return false;
    *event = tftp_run_receive(t, datagram, n);
    if (*event == TFTP_NO_EVENT)
        return true;
    int error = errno; // of TFTP_LOCAL_ERROR
    if (*event != TFTP_OPTIONS_REFUSED && !t->net->accepted &&
        t->net->accept(t->net) == -1)
        *event = TFTP_LOCAL_ERROR;
    else
        errno = error;
    t->timers.silent = t->now + t->timers.silence;
    return true;
}

// Read datagrams, and wait that long if there are none: as struct tftp_net.
static inline int tftp_run_read(struct tftp_transfer *t, int64_t wait_us)
{
    int n = t->net->read(t->net, wait_us);

    t->now = t->net->now(t->net);
    return n;
}

// Write what was received: its bytes are given up by the next read.
static inline int tftp_run_flush(struct tftp_transfer *t)
{
    struct tftp_file *file = t->receiver.file;

    return file ? file->flush(file) : 0;
}

// Nothing listens there any more: errno says so ahead of the datagrams that
// came before. They may say why, or be the end of the file.
static inline enum tftp_event tftp_run_gone(struct tftp_transfer *t)
{
    enum tftp_event event;
    int error = errno;

    do {
        while (tftp_run_next(t, &event))
            if (event == TFTP_ERROR_RECEIVED || event == TFTP_ALL_ACKED ||
                event == TFTP_DATA_COMPLETE || event == TFTP_LOCAL_ERROR)
                return event;
        if (tftp_run_flush(t) == -1)
            return TFTP_LOCAL_ERROR;
    } while (tftp_run_read(t, 0) > 0);
    errno = error;
    return TFTP_PEER_GONE;
}

// The timer that has expired, as an event.
static inline enum tftp_event tftp_run_due(const struct tftp_transfer *t,
                                           int64_t now)
{
    int64_t timer = t->sender.timer;

    if (now >= t->timers.silent)
        return TFTP_PEER_SILENT;
    if (timer != 0 && now >= timer)
        return TFTP_ACK_RECEIVED; // to send what is lost by now, or its turn
    return now >= t->timers.retransmit ? TFTP_TIMEOUT : TFTP_NO_EVENT;
}

// When the next timer expires.
static inline int64_t tftp_run_deadline(const struct tftp_transfer *t)
{
    int64_t until = t->timers.silent;
    int64_t timer = t->sender.timer;

    until = t->timers.retransmit < until ? t->timers.retransmit : until;
    return timer != 0 && timer < until ? timer : until;
}

// The next event. The bytes of DATA are written when there is nothing more to
// read, and after the ACK: the peer sends the next ones meanwhile. Not so the
// last ones: their ACK says that the file is stored. A timer counts only
// after the socket was read: this end may be late, because of a slow disk.
static inline enum tftp_event tftp_run_wait(struct tftp_transfer *t)
{
    enum tftp_event event;
    bool data = false;
    bool was_read = false; // the socket, after the timer had expired

    for (;;) {
        while (tftp_run_next(t, &event))
            if (event == TFTP_DATA_RECEIVED)
                data = true;
            else if (event != TFTP_NO_EVENT)
                return event;
        if (data || t->receiver.ack_due)
            return TFTP_DATA_RECEIVED;
        if (tftp_run_flush(t) == -1)
            return TFTP_LOCAL_ERROR;
        int64_t now = t->net->now(t->net);
        enum tftp_event due = tftp_run_due(t, now);
        if (was_read && due != TFTP_NO_EVENT &&
            (due == TFTP_PEER_SILENT || !t->net->more))
            return due;
        was_read = due != TFTP_NO_EVENT;
        if (tftp_run_read(t, was_read ? 0 : tftp_run_deadline(t) - now) == -1)
            return errno == ECONNREFUSED ? TFTP_PEER_GONE : TFTP_LOCAL_ERROR;
    }
}

// Send the first packet, or send it again.
static inline enum tftp_event tftp_run_send_first(struct tftp_transfer *t)
{
    struct tftp_first *first = &t->first;
    struct tftp_net *net = t->net;

    first->attempts++;
    first->sent = net->now(net);
    t->timers.retransmit = first->sent + t->rto.timeout;
    return net->send(net, first->packet, first->size, 1, first->size) == -1
               ? TFTP_PEER_GONE
               : TFTP_NO_EVENT;
}

static inline enum tftp_event tftp_run_send_data(struct tftp_transfer *t,
                                                 enum tftp_action action)
{
    enum tftp_event event =
        tftp_sender_send(&t->sender, t->net, action == TFTP_RESEND_DATA);

    t->timers.retransmit = t->net->now(t->net) + t->rto.timeout;
    return event;
}

// How long to stay for a last DATA that comes again: RFC 1350, section 6. The
// sender waits for its ACK with longer and longer timeouts; a server has the
// time for that. If it saw no loss, there may still have been one: then the
// sender's timeout, which is about ours, has doubled.
static inline int64_t tftp_run_dally_us(const struct tftp_transfer *t)
{
    int64_t timeout = t->rto.timeout;

    if (!t->dallies)
        return 4 * (timeout < TFTP_DALLY_MAX ? timeout : TFTP_DALLY_MAX);
    if (t->receiver.saw_loss)
        return INT64_C(3) * TFTP_RTO_MAX;
    return 3 * timeout > TFTP_RTO_FIRST ? 3 * timeout : TFTP_RTO_FIRST;
}

// The last ACK is sent. Sent again after a round trip, and now and then from
// then on, it shows whether the peer is still there: if it is not, its kernel
// says so, and there is nobody left to stay for.
static inline void tftp_run_dally(struct tftp_transfer *t, int64_t now)
{
    if (t->last_event != TFTP_TIMEOUT)
        t->timers.silent = now + tftp_run_dally_us(t);
    if (t->last_event == TFTP_OK && t->rto.srtt > 0)
        t->rto.timeout = t->rto.srtt + RTO_GRANULARITY;
    t->timers.retransmit = now + t->rto.timeout;
}

static inline enum tftp_event tftp_run_send_ack(struct tftp_transfer *t,
                                                enum tftp_action action)
{
    struct tftp_first *first = &t->first;
    int64_t now = t->net->now(t->net);

    // The answer to ACK 0 is a round trip, as that to a request.
    if (action == TFTP_SEND_ACK0 || first->attempts > 0) {
        first->attempts++;
        first->sent = now;
    }
    if (action == TFTP_SEND_LAST_ACK)
        tftp_run_dally(t, now);
    else
        t->timers.retransmit = now + 2 * t->rto.timeout; // after the sender
    if (action == TFTP_SEND_ACK && !t->receiver.ack_due)
        return TFTP_NO_EVENT;
    return tftp_receiver_ack(&t->receiver, t->net);
}

// Check the file, and give it its name.
static inline enum tftp_event tftp_run_commit(struct tftp_transfer *t)
{
    bool last = !t->dallies && !t->receiver.saw_loss; // nothing follows the ACK

    if (t->commit(t) == -1)
        return TFTP_LOCAL_ERROR;
    return last ? TFTP_OK_NO_LOSS : TFTP_OK;
}

// Tell the peer why this end gives up.
static inline enum tftp_event tftp_run_send_error(struct tftp_transfer *t)
{
    uint8_t error[sizeof t->error.text + TFTP_HEADER + TFTP_CRC];
    size_t n = tftp_put_error(error, sizeof error - TFTP_CRC, t->error.code,
                              t->error.text);

    if (t->sender.crc || t->receiver.crc)
        n = tftp_crc_append(&t->crc, 0, error, n);
    t->net->send(t->net, error, n, 1, n);
    return TFTP_NO_EVENT;
}

// Carry out an action. Returns the event that comes of it, or TFTP_NO_EVENT.
static inline enum tftp_event tftp_run_act(struct tftp_transfer *t,
                                           enum tftp_action action)
{
    switch (action) {
    case TFTP_WAIT:
        return TFTP_NO_EVENT;
    case TFTP_SEND_PLAIN_REQUEST:
        t->first.size = t->first.plain_size;
        t->first.attempts = 0;
        return tftp_run_send_first(t);
    case TFTP_SEND_FIRST:
        return tftp_run_send_first(t);
    case TFTP_SEND_DATA:
    case TFTP_RESEND_DATA:
        return tftp_run_send_data(t, action);
    case TFTP_SEND_ACK0:
    case TFTP_SEND_ACK:
    case TFTP_REPEAT_ACK:
    case TFTP_SEND_LAST_ACK:
        return tftp_run_send_ack(t, action);
    case TFTP_COMMIT:
        return tftp_run_commit(t);
    case TFTP_SEND_ERROR:
        return tftp_run_send_error(t);
    }
    return TFTP_NO_EVENT;
}

// Run a transfer from its first step to its end. Returns TFTP_SUCCEEDED, or
// TFTP_FAILED with t->last_event and t->error.
static inline enum tftp_state tftp_run(struct tftp_transfer *t,
                                       struct tftp_step step)
{
    for (;;) {
        t->state = step.state;
        enum tftp_event event = tftp_run_act(t, step.action);
        if (t->state == TFTP_SUCCEEDED || t->state == TFTP_FAILED)
            return t->state;
        if (event == TFTP_NO_EVENT)
            event = tftp_run_wait(t);
        if (event == TFTP_PEER_GONE)
            event = tftp_run_gone(t);
        if (event == TFTP_LOCAL_ERROR || event == TFTP_PEER_GONE)
            t->error = tftp_error_from_errno(errno);
        if (event == TFTP_TIMEOUT) {
            rto_expired(&t->rto);
            t->receiver.saw_loss = true;
        }
        t->last_event = event;
        step = tftp_step(t->state, event);
        if (t->progress)
            t->progress(t);
    }
}

#endif
