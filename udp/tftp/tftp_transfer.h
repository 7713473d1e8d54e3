/*
 * udp/tftp/tftp_transfer.h -- a TFTP transfer, as either end has it.
 *
 *     tftp_machine.h     which state and action follow which event: a table
 *     tftp_run.h         the loop: carry out the action, wait for an event
 *     tftp_sender.h      the end that sends the file
 *       tftp_window.h      which blocks are to be sent
 *       tftp_path.h        how many, and how fast
 *     tftp_receiver.h    the end that receives it
 *     tftp_io.h          the network, the clock and the file
 *       tftp_sockets.h     two sockets and the system's clock
 *       tftp_source.h, tftp_sink.h  files
 *     tftp_options.h, tftp_negotiate.h, tftp_crc.h  what the ends agree on
 *     tftp_error.h       why it fails
 */
#ifndef UDP_TFTP_TFTP_TRANSFER_H
#define UDP_TFTP_TFTP_TRANSFER_H

#include "tftp_error.h"
#include "tftp_receiver.h"
#include "tftp_sender.h"

// Microseconds. RFC 6298 says 1 s for the first two; what is waited for here is
// a program that may have to wait for a processor, not a delayed ACK.
#define TFTP_RTO_FIRST 1000000
#define TFTP_RTO_MIN 50000
#define TFTP_RTO_MAX 2000000 // so an outage is noticed to be over this soon

// The packet that opens a transfer: a request, or its answer.
struct tftp_first {
    uint8_t packet[TFTP_REQUEST_MAX];
    size_t size;
    size_t plain_size; // of a request without its options
    int64_t sent;      // when, the last time
    int attempts;      // 0: it is answered
};

struct tftp_transfer {
    enum tftp_opcode opcode; // TFTP_RRQ or TFTP_WRQ
    enum tftp_state state;
    enum tftp_event last_event; // that led there
    bool dallies;               // even if nothing was lost: the server
    struct tftp_options agreed;
    bool is_agreed;
    struct tftp_first first;
    struct tftp_sender sender;     // at the end that sends the file
    struct tftp_receiver receiver; // at the end that receives it
    int64_t now;                   // when the last datagrams were read
    struct rto rto;
    struct cksum crc;
    struct {
        int64_t retransmit; // when TFTP_TIMEOUT is due
        int64_t silent;     // when TFTP_PEER_SILENT is
        int64_t silence;    // so long after the last packet of use
    } timers;
    struct tftp_error error; // to be sent, or received

    struct tftp_net *net;
    // What the two programs do differently. answered: the first packet from the
    // server, which only the client has to judge.
    enum tftp_event (*answered)(struct tftp_transfer *, const uint8_t *datagram,
                                size_t n, const struct tftp_packet *);
    int (*commit)(struct tftp_transfer *);    // the file; 0; -1 and errno
    void (*progress)(struct tftp_transfer *); // after each event; may be NULL
};

// Start. It ends if the peer sends nothing for opening_limit before its first
// packet, or for limit later: microseconds.
static inline void tftp_transfer_start(struct tftp_transfer *t,
                                       enum tftp_opcode opcode,
                                       struct tftp_net *net,
                                       int64_t opening_limit, int64_t limit)
{
    *t = (struct tftp_transfer){.opcode = opcode, .net = net};
    t->rto = rto_start(TFTP_RTO_FIRST, TFTP_RTO_MIN, TFTP_RTO_MAX);
    t->timers.retransmit = INT64_MAX;
    t->timers.silent = net->now(net) + opening_limit;
    t->timers.silence = limit;
    cksum_start(&t->crc);
}

// Both ends agree on t->agreed: get ready for that. sends: this end sends the
// file. Returns 0; -1 and errno.
static inline int tftp_transfer_agree(struct tftp_transfer *t, bool sends,
                                      struct tftp_file *file)
{
    const struct tftp_options *o = &t->agreed;
    struct cksum *crc = tftp_options_has(o, TFTP_OPTION_CRC) ? &t->crc : NULL;

    t->is_agreed = true;
    t->net->batch = tftp_negotiated_window(o) > 1 ? 8 : 1; // datagrams
    if (tftp_options_has(o, TFTP_OPTION_TIMEOUT))
        t->rto.max = (int64_t)o->value[TFTP_OPTION_TIMEOUT] * 1000000;
    return sends ? tftp_sender_start(&t->sender, o, file, crc, &t->rto)
                 : tftp_receiver_start(&t->receiver, o, file, crc);
}

#endif
