/*
 * udp/tftp_client/client.h -- what the client has: the command line, the
 * transfer, and the file at this end.
 */
#ifndef UDP_TFTP_CLIENT_CLIENT_H
#define UDP_TFTP_CLIENT_CLIENT_H

#include "../../common/progress.h"
#include "../tftp/tftp_sockets.h"
#include "../tftp/tftp_source.h"
#include "../tftp/tftp_transfer.h"
#include "partial.h"

struct arguments {
    bool put;
    bool netascii;
    bool no_options;
    long window, block, timeout; // 0: not said
    const char *host, *port, *from, *to;
};

struct client {
    struct tftp_transfer transfer; // the first member
    struct tftp_sockets sockets;
    struct tftp_options requested;
    struct arguments arguments;
    struct tftp_source source; // of --put
    struct tftp_sink sink;     // without --put, as is partial
    struct partial partial;
    bool may_resume; // the part is of use to the next transfer
    struct progress progress;
};

// How a client starts, and its answers to tftp_run(): files.c.
void client_open_files(struct client *c);
int client_commit(struct tftp_transfer *t);
void client_progress(struct tftp_transfer *t);

// Its request, and the answer to that: request.c.
void client_request(struct client *c);
enum tftp_event client_answered(struct tftp_transfer *t,
                                const uint8_t *datagram, size_t n,
                                const struct tftp_packet *p);

#endif
