/*
 * udp/tftp_server/serve.c -- see serve.h.
 */
#define _GNU_SOURCE // O_PATH, O_TMPFILE, recvmmsg, ppoll
#include "serve.h"

#include "../tftp/tftp_run.h"
#include "../tftp/tftp_sink.h"
#include "../tftp/tftp_sockets.h"
#include "../tftp/tftp_source.h"
#include "root_file.h"

// Microseconds: how long the peer may be silent, before it is validated and
// after that.
#define UNVALIDATED_LIMIT 6000000
#define LIMIT 20000000

struct service {
    struct tftp_transfer transfer; // the first member
    struct tftp_sockets sockets;
    const struct request *request;
    struct tftp_source source;  // of an RRQ
    struct tftp_sink sink;      // of a WRQ
    struct atomic_file created; // the same, before it has its name
    struct log *log;
};

static void serve_log_done(struct service *s, uint64_t bytes)
{
    const struct tftp_options *agreed = &s->transfer.agreed;
    bool sends = s->transfer.opcode == TFTP_RRQ;

    log_line(s->log,
             "%s: %s %s: %" PRIu64 " bytes, window %u of %zu, %" PRIu64
             " blocks sent again",
             address_text(&s->request->from).text, sends ? "get" : "put",
             s->request->packet.path, bytes, tftp_negotiated_window(agreed),
             tftp_negotiated_block(agreed),
             sends ? s->transfer.sender.window.resent : 0);
}

// The file has arrived. It has its name before the client learns that, and its
// line in the log before the end of dallying.
static int serve_commit(struct tftp_transfer *t)
{
    struct service *s = (struct service *)t;

    if (!tftp_sink_whole(&s->sink)) {
        errno = EBADMSG;
        return -1;
    }
    if (root_file_commit(&s->created) == -1)
        return -1;
    serve_log_done(s, s->sink.received);
    return 0;
}

// A read request: open the file, and grant options. 0; -1 and errno.
static int serve_read(struct service *s, int root)
{
    struct tftp_transfer *t = &s->transfer;
    const struct request *r = s->request;
    const struct tftp_options *o = &r->options;
    struct stat about;

    int file = root_file_open(root, r->packet.path, &about);
    if (file == -1)
        return -1;
    tftp_source_start(&s->source, file, &about);
    bool may_resume = r->octet && tftp_options_has(o, TFTP_OPTION_CKSUM) &&
                      tftp_options_has(o, TFTP_OPTION_TSIZE) &&
                      tftp_source_skip(&s->source, o->value[TFTP_OPTION_OFFSET],
                                       (uint32_t)o->value[TFTP_OPTION_CKSUM]);
    t->agreed =
        tftp_negotiate_grant(o, TFTP_RRQ, r->octet, about.st_size, may_resume);
    s->source.netascii = !r->octet;
    s->source.with_cksum = tftp_options_has(&t->agreed, TFTP_OPTION_CKSUM);
    s->sockets.plain = t->agreed.set == 0;
    return tftp_transfer_agree(t, true, &s->source.io);
}

// A write request: the same with a new file.
static int serve_write(struct service *s, int root)
{
    struct tftp_transfer *t = &s->transfer;
    const struct request *r = s->request;

    if (root_file_create(&s->created, root, r->packet.path) == -1)
        return -1;
    tftp_sink_start(&s->sink, s->created.file);
    t->agreed =
        tftp_negotiate_grant(&r->options, TFTP_WRQ, r->octet, -1, false);
    s->sink.netascii = !r->octet;
    s->sink.with_cksum = tftp_options_has(&t->agreed, TFTP_OPTION_CKSUM);
    s->sink.size = tftp_negotiated_size(&t->agreed, r->octet);
    return tftp_transfer_agree(t, false, &s->sink.io);
}

// The first packet: an OACK, or what a plain server sends instead.
static struct tftp_step serve_answer(struct tftp_transfer *t)
{
    struct tftp_first *first = &t->first;
    bool sends = t->opcode == TFTP_RRQ;

    if (sends && t->agreed.set == 0)
        return (struct tftp_step){TFTP_SENDING, TFTP_SEND_DATA};
    if (t->agreed.set == 0) {
        tftp_put_header(first->packet, TFTP_ACK, 0);
        first->size = TFTP_HEADER;
    } else {
        tftp_put16(first->packet, TFTP_OACK);
        first->size = tftp_options_put(first->packet, 2, sizeof first->packet,
                                       &t->agreed, &t->crc);
    }
    return (struct tftp_step){sends ? TFTP_RRQ_ANSWERED : TFTP_WRQ_ANSWERED,
                              TFTP_SEND_FIRST};
}

static struct tftp_step serve_begin(struct service *s, int root, bool writable)
{
    struct tftp_transfer *t = &s->transfer;
    bool sends = t->opcode == TFTP_RRQ;

    if (!sends && !writable)
        t->error = tftp_error(TFTP_ERROR_ACCESS, "Uploads are not allowed");
    else if ((sends ? serve_read(s, root) : serve_write(s, root)) == 0)
        return serve_answer(t);
    else
        t->error = tftp_error_from_errno(errno);
    return (struct tftp_step){TFTP_FAILED, TFTP_SEND_ERROR};
}

// How many bytes of the file are at their end. What is read, or in flight, is
// not there yet.
static uint64_t serve_arrived(const struct service *s)
{
    const struct tftp_transfer *t = &s->transfer;

    if (t->opcode == TFTP_WRQ)
        return s->sink.received;
    uint64_t arrived = tftp_sender_arrived(&t->sender);
    if (tftp_options_has(&t->agreed, TFTP_OPTION_OFFSET))
        arrived += t->agreed.value[TFTP_OPTION_OFFSET];
    return arrived < s->source.sent ? arrived : s->source.sent;
}

static void serve_log_failed(struct service *s)
{
    struct tftp_transfer *t = &s->transfer;
    const struct address_text from = address_text(&s->request->from);
    const char *what = t->opcode == TFTP_RRQ ? "get" : "put";
    const char *path = s->request->packet.path;

    if (t->last_event == TFTP_PEER_SILENT)
        log_line(s->log, "%s: %s %s: silent, after %" PRIu64 " bytes",
                 from.text, what, path, serve_arrived(s));
    else
        log_line(s->log, "%s: %s %s: %s%s", from.text, what, path,
                 t->last_event == TFTP_ERROR_RECEIVED ? "gave up: " : "",
                 t->error.text);
}

bool serve(const struct request *r, struct tftp_validation *validation,
           int root, bool writable, struct log *log)
{
    struct service *s = calloc(1, sizeof *s); // too large for the stack

    if (!s || tftp_sockets_open(&s->sockets, &r->here, &r->from, true) == -1) {
        log_line(log, "%s: %s", address_text(&r->from).text, strerror(errno));
        free(s);
        return false;
    }
    struct tftp_transfer *t = &s->transfer;
    bool sends = r->packet.opcode == TFTP_RRQ;
    s->request = r;
    s->log = log;
    s->sockets.validation = validation;
    s->created.folder = -1;
    tftp_transfer_start(t, r->packet.opcode, &s->sockets.net, UNVALIDATED_LIMIT,
                        LIMIT);
    t->dallies = true;
    t->commit = serve_commit;

    bool ok = tftp_run(t, serve_begin(s, root, writable)) == TFTP_SUCCEEDED;
    if (ok && sends)
        serve_log_done(s, s->source.sent);
    if (!ok)
        serve_log_failed(s);
    if (!ok && s->created.folder != -1)
        atomic_file_discard(&s->created);
    return ok;
}
