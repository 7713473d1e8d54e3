/*
 * udp/tftp/tftp_transfer.h -- a TFTP transfer, as either end has it.
 *
 *     tftp_machine.h    what comes after what
 *     tftp_window.h     the sender: which blocks are to be sent
 *     tftp_arrivals.h   the receiver: which blocks have come
 *     tftp_source.h, tftp_sink.h  the file, as bytes
 *     tftp_link.h       the sockets
 *     tftp_events.h     from a datagram, or the clock, to an event
 *     tftp_actions.h    what there is to do; and the loop of it all
 *
 * Here is what they share.
 *
 * Define _GNU_SOURCE before the first #include.
 */
#ifndef UDP_TFTP_TFTP_TRANSFER_H
#define UDP_TFTP_TFTP_TRANSFER_H

#include <stdatomic.h>
#include <stdlib.h>

#include "../../common/clock.h"
#include "tftp_agree.h"
#include "tftp_arrivals.h"
#include "tftp_link_send.h"
#include "tftp_machine.h"
#include "tftp_sink.h"
#include "tftp_source.h"
#include "tftp_window.h"

// Microseconds. RFC 6298 says 1 s for the first two; what is waited for here is
// a program in user space that may have to wait for its turn, not a delayed
// ACK.
#define TFTP_RTO_FIRST 1000000
#define TFTP_RTO_LEAST 50000
#define TFTP_RTO_MOST 2000000   // after a blackout it goes on as soon as this
#define TFTP_LINGER_MOST 250000 // a client, four times this
#define TFTP_UNKNOWN_LIMIT 6000000 // so long for an address to answer at all

// What a server knows of an address that has not answered yet.
struct tftp_asker {
    atomic_uint bytes;    // that have come from there, at the server's port
    atomic_uint requests; // in so many requests
    atomic_bool answered;
};

struct tftp_transfer {
    struct tftp_link link;
    enum tftp_state state;
    enum tftp_opcode opcode; // TFTP_RRQ or TFTP_WRQ
    bool octet;
    struct sockaddr_storage server; // the client's
    struct tftp_options asked;      // the client's
    struct tftp_options agreed;
    uint8_t opening[TFTP_REQUEST_MOST]; // the request, or the answer to it
    size_t opening_size;
    int64_t opened; // when it was sent
    int openings;   // how often

    bool is_agreed;
    bool guarded;
    size_t block;    // bytes of the file in a packet
    size_t stride;   // bytes of the packet
    uint8_t *ring;   // packets to be sent, or what came behind a gap
    unsigned places; // in there: a window; the sender makes one more ready
    size_t length[TFTP_WINDOW_MOST + 1];
    int64_t loaded;                // the last block that is in the ring
    struct tftp_window window;     // the sender's
    struct tftp_arrivals arrivals; // the receiver's
    struct cksum guard;
    struct tftp_source source;
    struct tftp_sink sink;
    int (*ready)(struct tftp_transfer *); // agreed: 0; -1 and errno. Or NULL
    int (*keep)(struct tftp_transfer *);  // 0; -1 and refusal
    void (*news)(struct tftp_transfer *); // after each event; NULL: nobody asks
    void *owner;

    struct rto rto;           // of the opening, and the receiver's
    int64_t calm;             // its timeout as long as all goes well
    int64_t deadline;         // ON_TIME
    int64_t look;             // when a block may have become lost; 0: none
    int64_t limit;            // ON_SILENCE: so long after
    int64_t heard;            // something new
    bool rough;               // something came twice, late, or not at all
    bool lingers;             // even if nothing did
    struct tftp_asker *asker; // the server's
    uint64_t unasked;         // bytes sent to an address that has not answered

    enum tftp_code code; // of the ERROR that is to be sent, or has come
    char refusal[256];   // its text
};

// Note what is wrong. Returns the event that says so.
static inline enum tftp_event
tftp_trouble(struct tftp_transfer *t, enum tftp_code code, const char *text)
{
    t->code = code;
    snprintf(t->refusal, sizeof t->refusal, "%s", text);
    return ON_TROUBLE;
}

// The same, from errno.
static inline enum tftp_event tftp_failure(struct tftp_transfer *t)
{
    enum tftp_code code = TFTP_OTHER;
    const char *text = strerror(errno);

    if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG)
        code = TFTP_NOT_FOUND;
    else if (errno == EACCES || errno == EPERM || errno == EXDEV ||
             errno == EROFS || errno == ELOOP || errno == EISDIR)
        code = TFTP_DENIED;
    else if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
        code = TFTP_FULL;
    else if (errno == EEXIST)
        code = TFTP_EXISTS;
    if (errno == EXDEV)
        text = "Leads out of the folder served";
    else if (errno == ENOTSUP)
        text = "Not a regular file";
    else if (errno == ESTALE)
        text = "The file has changed meanwhile";
    else if (errno == EBADMSG)
        text = "More than the file was said to have";
    return tftp_trouble(t, code, text);
}

static inline void tftp_transfer_start(struct tftp_transfer *t,
                                       enum tftp_opcode opcode, bool octet,
                                       int64_t limit)
{
    t->opcode = opcode;
    t->octet = octet;
    t->opening_size = 0;
    t->openings = 0;
    t->is_agreed = t->guarded = t->rough = false;
    t->ring = NULL;
    t->deadline = INT64_MAX;
    t->look = 0;
    t->loaded = 0;
    t->limit = limit;
    t->heard = clock_us();
    t->unasked = 0;
    t->refusal[0] = '\0';
    t->code = TFTP_OTHER;
    t->rto = rto_start(TFTP_RTO_FIRST, TFTP_RTO_LEAST, TFTP_RTO_MOST);
    cksum_start(&t->guard);
}

// Both ends agree on t->agreed: get ready for that. sends: this end sends the
// file. Returns 0; -1 and errno.
static inline int tftp_agree(struct tftp_transfer *t, bool sends)
{
    const struct tftp_options *o = &t->agreed;
    unsigned window = tftp_window(o);
    bool selective = tftp_has(o, TFTP_SACK);

    if (window > TFTP_WINDOW_MOST) // a window of ours is granted by ourselves
        window = TFTP_WINDOW_MOST;
    if (t->ready && t->ready(t) == -1)
        return -1;
    t->is_agreed = true;
    t->link.batch = window > 1 ? TFTP_BATCH : 1; // to look for more takes time
    t->guarded = tftp_has(o, TFTP_GUARDED);
    t->block = tftp_block_size(o);
    t->stride = TFTP_HEAD + t->block + (t->guarded ? TFTP_GUARD : 0);
    t->places = sends ? window + 1 : window;
    t->ring = malloc(t->places * t->stride);
    if (!t->ring)
        return -1;
    if (t->openings > 0)
        rto_answered(&t->rto, clock_us() - t->opened, t->openings);
    if (tftp_has(o, TFTP_TIMEOUT))
        t->rto.most = (int64_t)o->value[TFTP_TIMEOUT] * 1000000;
    t->calm = t->rto.timeout;
    if (sends) {
        tftp_window_start(&t->window, window, selective, t->rto);
        t->source.netascii = !t->octet;
        t->source.with_cksum = tftp_has(o, TFTP_CKSUM);
    } else {
        tftp_arrivals_start(&t->arrivals, window, selective);
        t->sink.netascii = !t->octet;
        t->sink.with_cksum = tftp_has(o, TFTP_CKSUM);
        // Who sends a file and does not know its size says 0, too.
        if (t->octet && tftp_has(o, TFTP_TSIZE) &&
            (o->value[TFTP_TSIZE] != 0 || t->sink.with_cksum))
            t->sink.size = o->value[TFTP_TSIZE];
    }
    return 0;
}

// Whether this end may send n bytes now: to an address that has not answered,
// which may be forged, no more than three times what came from there. A plain
// server has to answer with a whole block, so that is sent once a request.
static inline bool tftp_may_send(struct tftp_transfer *t, size_t n)
{
    if (!t->asker || atomic_load(&t->asker->answered))
        return true;
    bool plain = t->opcode == TFTP_RRQ && t->agreed.set == 0;
    uint64_t most = plain ? (uint64_t)atomic_load(&t->asker->requests) *
                                (TFTP_HEAD + TFTP_BLOCK)
                          : 3 * (uint64_t)atomic_load(&t->asker->bytes);
    if (t->unasked + n > most)
        return false;
    t->unasked += n;
    return true;
}

// How many bytes of the file are at the other end, or have come from there.
// What is made ready, or under way, is not there yet.
static inline uint64_t tftp_progress(const struct tftp_transfer *t)
{
    bool sends = t->state == TFTP_SENDING || t->state == TFTP_OFFERING ||
                 t->state == TFTP_SUBMITTING;
    uint64_t first =
        tftp_has(&t->agreed, TFTP_OFFSET) ? t->agreed.value[TFTP_OFFSET] : 0;
    uint64_t arrived = first + (uint64_t)t->window.base * t->block;

    if (!sends)
        return t->sink.received;
    return arrived < t->source.sent ? arrived : t->source.sent;
}

#endif
