/*
 * udp/tftp_client/request.c -- the request of a client, and the answer to it.
 */
#define _GNU_SOURCE // O_PATH, O_TMPFILE, recvmmsg
#include <err.h>

#include "client.h"

// Blocks: as many as may be. The sender knows how many of them the path takes.
#define WINDOW TFTP_WINDOW_MAX
// Of blocks larger than the packets of any link, so that both ends are on this
// host: more in flight only wear out the cache.
#define WINDOW_LOOPBACK 8
#define BLOCK_LINK 16384
#define HEADERS 72 // of IPv6 and UDP, ours, and some for a tunnel on the way

// The largest block that fits into one packet of the interface on the way.
static size_t request_block(const struct sockaddr_storage *server)
{
    int mtu = 0;
    socklen_t size = sizeof mtu;

    int sock = socket(server->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock != -1 && connect(sock, (const struct sockaddr *)server,
                              tftp_sockets_length(server)) == 0) {
        if (server->ss_family == AF_INET)
            getsockopt(sock, IPPROTO_IP, IP_MTU, &mtu, &size);
        else
            getsockopt(sock, IPPROTO_IPV6, IPV6_MTU, &mtu, &size);
    }
    if (sock != -1)
        close(sock);
    if (mtu < HEADERS + TFTP_BLOCK_DEFAULT)
        return TFTP_BLOCK_DEFAULT;
    return mtu > HEADERS + TFTP_BLOCK_MAX ? TFTP_BLOCK_MAX
                                          : (size_t)mtu - HEADERS;
}

static void request_options(struct client *c)
{
    const struct arguments *a = &c->arguments;
    struct tftp_options *o = &c->requested;
    size_t block =
        a->block > 0 ? (size_t)a->block : request_block(&c->sockets.peer);
    size_t max = TFTP_MEMORY / (block + TFTP_HEADER + TFTP_CRC);
    size_t window = a->window > 0        ? (size_t)a->window
                    : block > BLOCK_LINK ? WINDOW_LOOPBACK
                                         : WINDOW;

    tftp_options_set(o, TFTP_OPTION_BLKSIZE, block);
    tftp_options_set(o, TFTP_OPTION_WINDOWSIZE, window < max ? window : max);
    tftp_options_set(o, TFTP_OPTION_SACK, 1);
    tftp_options_set(o, TFTP_OPTION_CRC, 0);
    if (a->netascii) {
        // Not granted for a text. But two corrupted words cannot hide three
        // names of ours: the server never takes this for a plain request.
        tftp_options_set(o, TFTP_OPTION_OFFSET, 0);
        return;
    }
    if (a->put) {
        tftp_options_set(o, TFTP_OPTION_TSIZE,
                         (uint64_t)c->source.about.st_size);
        tftp_options_set(o, TFTP_OPTION_CKSUM, 0);
    } else {
        tftp_options_set(o, TFTP_OPTION_TSIZE, 0);
        tftp_options_set(o, TFTP_OPTION_CKSUM, cksum_end(&c->sink.sum));
        tftp_options_set(o, TFTP_OPTION_OFFSET, c->sink.received);
    }
}

void client_request(struct client *c)
{
    const struct arguments *a = &c->arguments;
    struct tftp_first *first = &c->transfer.first;
    const char *path = a->put ? a->to : a->from;

    if (!a->no_options)
        request_options(c);
    tftp_put16(first->packet, c->transfer.opcode);
    int n = snprintf((char *)first->packet + 2, sizeof first->packet - 2,
                     "%s%c%s", path, 0, a->netascii ? "netascii" : "octet");
    first->plain_size = (size_t)n + 3;
    if (first->plain_size < sizeof first->packet)
        first->size = tftp_options_put(first->packet, first->plain_size,
                                       sizeof first->packet, &c->requested,
                                       &c->transfer.crc);
    if (first->size == 0)
        errx(1, "%s: %s", path, strerror(ENAMETOOLONG));
}

// Both agree: have the file ready for that. What has come before is of use only
// if the server has the same bytes, and says so. 0; -1 and errno.
static int request_agreed(struct client *c)
{
    struct tftp_transfer *t = &c->transfer;
    const struct tftp_options *o = &t->agreed;
    struct tftp_sink *sink = &c->sink;

    if (c->arguments.put) {
        c->source.netascii = c->arguments.netascii;
        c->source.with_cksum = tftp_options_has(o, TFTP_OPTION_CKSUM);
        return tftp_transfer_agree(t, true, &c->source.io);
    }
    c->may_resume = tftp_options_has(o, TFTP_OPTION_OFFSET);
    if ((!c->may_resume || o->value[TFTP_OPTION_OFFSET] != sink->received) &&
        partial_empty(&c->partial, sink) == -1)
        return -1;
    sink->netascii = c->arguments.netascii;
    sink->with_cksum = tftp_options_has(o, TFTP_OPTION_CKSUM);
    sink->size = tftp_negotiated_size(o, !sink->netascii);
    return tftp_transfer_agree(t, false, &sink->io);
}

// An OACK: read what it grants. TFTP_OACK_RECEIVED if that is acceptable.
static enum tftp_event request_oack(struct client *c, const uint8_t *datagram,
                                    size_t n, const struct tftp_packet *p)
{
    struct tftp_transfer *t = &c->transfer;
    bool ok = tftp_options_get(&t->agreed, p);

    if (!tftp_options_intact(&t->agreed, datagram, n, &t->crc))
        return TFTP_NO_EVENT; // corrupted: as if it had been lost
    if (ok && tftp_negotiate_accept(&c->requested, &t->agreed, t->opcode))
        return TFTP_OACK_RECEIVED;
    t->error =
        tftp_error(TFTP_ERROR_OPTIONS, "OACK grants what was not requested");
    return TFTP_PROTOCOL_ERROR;
}

// An ERROR instead. A server that refuses options may take a plain request.
static enum tftp_event request_refused(struct client *c,
                                       const struct tftp_packet *p)
{
    struct tftp_transfer *t = &c->transfer;

    if (p->block == TFTP_ERROR_OPTIONS && c->requested.set != 0) {
        c->requested = (struct tftp_options){0};
        return TFTP_OPTIONS_REFUSED;
    }
    t->error = tftp_error_from_packet(p);
    return TFTP_ERROR_RECEIVED;
}

enum tftp_event client_answered(struct tftp_transfer *t,
                                const uint8_t *datagram, size_t n,
                                const struct tftp_packet *p)
{
    struct client *c = (struct client *)t;
    enum tftp_event event = TFTP_NO_EVENT;

    if (p->opcode == TFTP_ERROR)
        return request_refused(c, p);
    if (p->opcode == TFTP_OACK)
        event = request_oack(c, datagram, n, p);
    else if (p->opcode == TFTP_ACK && p->block == 0 && t->opcode == TFTP_WRQ)
        event = TFTP_ACK0_RECEIVED; // a plain server
    else if (p->opcode == TFTP_DATA && p->block == 1 && t->opcode == TFTP_RRQ)
        event = TFTP_DATA_RECEIVED; // a plain server
    if (event == TFTP_NO_EVENT || event == TFTP_PROTOCOL_ERROR)
        return event;
    return request_agreed(c) == -1 ? TFTP_LOCAL_ERROR : event;
}
