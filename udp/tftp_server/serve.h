/*
 * udp/tftp_server/serve.h -- one request, from its first byte to a line in the
 * log: what a child of the server does.
 */
#ifndef UDP_TFTP_SERVER_SERVE_H
#define UDP_TFTP_SERVER_SERVE_H

#include "../tftp/tftp_actions.h"
#include "log.h"
#include "place.h"

#define SERVE_LIMIT 20000000 // microseconds: so long for the other end to move

struct request {
    struct sockaddr_storage from; // and the address that it was sent to, which
    struct sockaddr_storage here; // the answer must come from; its port is 0
    struct tftp_packet packet;
    struct tftp_options asked;
    bool octet;
    uint8_t datagram[TFTP_REQUEST_MOST];
    size_t n;
};

// Check what has come; false if there is nothing to answer: it is no request,
// or was damaged. If it is one that nobody can grant, *refusal says why.
static inline bool request_read(struct request *r, struct cksum *sum,
                                const char **refusal)
{
    const char *mode;

    *refusal = NULL;
    if (r->n < TFTP_HEAD || r->n > sizeof r->datagram)
        return false;
    unsigned opcode = tftp_get16(r->datagram);
    if (opcode != TFTP_RRQ && opcode != TFTP_WRQ)
        return false;
    if (!tftp_decode(&r->packet, r->datagram, r->n)) {
        *refusal = "Malformed request";
        return true;
    }
    tftp_options_get(&r->asked, &r->packet); // what makes no sense is left out
    bool ours = (r->asked.set & TFTP_OURS) != 0;
    if (!tftp_options_hold(&r->asked, r->datagram, r->n, sum) ||
        (ours && !tftp_has(&r->asked, TFTP_GUARDED)))
        return false;
    mode = r->packet.mode;
    r->octet = strcasecmp(mode, "octet") == 0;
    if (!r->octet && strcasecmp(mode, "netascii") != 0)
        *refusal = "Unknown mode";
    return true;
}

static struct atomic_file serve_stored; // what a WRQ brings

static inline int serve_keep(struct tftp_transfer *t)
{
    if (!tftp_sink_whole(&t->sink)) {
        tftp_trouble(t, TFTP_OTHER, "It arrived damaged");
        return -1;
    }
    if (place_keep(&serve_stored) == 0)
        return 0;
    tftp_failure(t);
    return -1;
}

// What to begin with: files, options, and the answer.
static inline struct tftp_step serve_begin(struct tftp_transfer *t,
                                           const struct request *r, int root,
                                           bool writable)
{
    const struct tftp_step refuse = {TFTP_FAILED, DO_REFUSE};
    const struct tftp_options *asked = &r->asked;
    bool sends = t->opcode == TFTP_RRQ;
    bool may_resume = false;
    int64_t size = -1;
    struct stat about;

    if (!sends && !writable) {
        tftp_trouble(t, TFTP_DENIED, "No uploads here");
        return refuse;
    }
    int file = sends ? place_fetch(root, r->packet.path, &about)
               : place_store(&serve_stored, root, r->packet.path) == -1
                   ? -1
                   : serve_stored.file;
    if (file == -1) {
        tftp_failure(t);
        return refuse;
    }
    if (sends) {
        tftp_source_start(&t->source, file, &about);
        size = about.st_size;
        may_resume = r->octet && tftp_has(asked, TFTP_CKSUM) &&
                     tftp_source_skip(&t->source, asked->value[TFTP_OFFSET],
                                      (uint32_t)asked->value[TFTP_CKSUM]);
    } else {
        tftp_sink_start(&t->sink, file);
    }

    t->agreed = tftp_grant(asked, t->opcode, r->octet, size, may_resume);
    if (sends && !tftp_has(&t->agreed, TFTP_OFFSET) && t->source.sent > 0) {
        tftp_trouble(t, TFTP_OPTIONS, "An offset without a checksum");
        return refuse;
    }
    if (tftp_agree(t, sends) == -1) {
        tftp_failure(t);
        return refuse;
    }
    if (t->agreed.set != 0) {
        tftp_put16(t->opening, TFTP_OACK);
        t->opening_size = tftp_options_put(t->opening, 2, sizeof t->opening,
                                           &t->agreed, &t->guard);
    } else if (sends) {
        return (struct tftp_step){TFTP_SENDING, DO_SEND};
    } else {
        tftp_head(t->opening, TFTP_ACK, 0);
        t->opening_size = TFTP_HEAD;
    }
    return (struct tftp_step){sends ? TFTP_OFFERING : TFTP_INVITING, DO_OFFER};
}

// Serve the request. Whether that went well.
static inline bool serve(struct tftp_transfer *t, const struct request *r,
                         int root, bool writable, const struct log *log)
{
    const char *what = r->packet.opcode == TFTP_RRQ ? "get" : "put";
    enum tftp_event last = ON_TROUBLE;

    tftp_transfer_start(t, r->packet.opcode, r->octet, SERVE_LIMIT);
    t->keep = serve_keep;
    t->lingers = true;
    if (tftp_link_open(&t->link, &r->here) == -1 ||
        tftp_link_to(&t->link, &r->from, true) == -1) {
        log_line(log, "%s: %s", address_text(&r->from).text, strerror(errno));
        return false;
    }
    enum tftp_state state =
        tftp_run(t, serve_begin(t, r, root, writable), &last);
    if (state != TFTP_SUCCEEDED && t->opcode == TFTP_WRQ &&
        serve_stored.folder != -1)
        atomic_file_discard(&serve_stored);

    uint64_t bytes = tftp_progress(t);
    if (state == TFTP_SUCCEEDED)
        log_line(log,
                 "%s: %s %s: %" PRIu64 " bytes, window %u of %zu, %" PRIu64
                 " blocks sent again",
                 address_text(&r->from).text, what, r->packet.path, bytes,
                 tftp_window(&t->agreed), t->block, t->window.sent_again);
    else if (last == ON_SILENCE)
        log_line(log, "%s: %s %s: silent, after %" PRIu64 " bytes",
                 address_text(&r->from).text, what, r->packet.path, bytes);
    else
        log_line(log, "%s: %s %s: %s%s", address_text(&r->from).text, what,
                 r->packet.path, last == ON_ERROR ? "gave up: " : "",
                 t->refusal);
    return state == TFTP_SUCCEEDED;
}

#endif
