/*
 * udp/tftp_client/partial.h -- what has arrived of a file, kept beside it.
 *
 *     TO            as it was before, until the new one is whole
 *     .TO.part      the first bytes of the new one
 *     .TO.proof     where they come from: host, port, mode, path
 *
 * If the transfer is interrupted, the next one finds both. It sends the number
 * of those bytes and their checksum; the server goes on behind them if its file
 * begins so, and from the start if it does not. A lock keeps out a second
 * client for the same TO.
 */
#ifndef UDP_TFTP_CLIENT_PARTIAL_H
#define UDP_TFTP_CLIENT_PARTIAL_H

#include "../../common/atomic_file.h"
#include "../tftp/tftp_sink.h"

struct partial {
    struct atomic_file where; // TO: its directory and name
    char part[NAME_MAX + 1];
    char proof[NAME_MAX + 1];
    int file; // the part; -1 if it is not open
};

// Open what is there already of TO from that origin, and take it into the sink.
// 0; -1 and errno: EBUSY if another client has it.
int partial_open(struct partial *p, const char *origin, struct tftp_sink *sink);

// Begin the file anew. 0; -1 and errno.
int partial_empty(const struct partial *p, struct tftp_sink *sink);

// It is whole: put it on the disk, and in place of TO. 0; -1 and errno.
int partial_commit(struct partial *p);

// Remove it. May be called by a signal handler.
void partial_discard(const struct partial *p);

#endif
