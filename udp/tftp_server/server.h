/*
 * udp/tftp_server/server.h -- wait for requests, and have a child serve each.
 */
#ifndef UDP_TFTP_SERVER_SERVER_H
#define UDP_TFTP_SERVER_SERVER_H

#include <signal.h>

#include "../../common/cksum.h"
#include "log.h"
#include "transfers.h"

struct server {
    int sock;
    int root;
    bool writable;
    struct log log;
    struct cksum sum;
    struct transfers transfers;
    sigset_t unblocked; // the mask while it waits, and that of a child
};

// From here on signals act only while the server waits.
void server_block_signals(struct server *s);

// Serve until a signal comes, or the given number of transfers, if it is not 0,
// is done. Returns the signal to end by, or 0; -1 if it cannot go on.
int server_run(struct server *s, long requests);

#endif
