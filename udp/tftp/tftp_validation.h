/*
 * udp/tftp/tftp_validation.h -- what a server may send to an address that has
 * not answered yet.
 *
 * It may be forged, and then all that we send hits a host that has asked for
 * nothing. So no more goes there than three times what has come (RFC 9000,
 * section 8, has the same limit against amplification).
 */
#ifndef UDP_TFTP_TFTP_VALIDATION_H
#define UDP_TFTP_TFTP_VALIDATION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../common/tftp.h"

// The server that receives the requests, and its child that answers, share it.
struct tftp_validation {
    atomic_uint bytes;    // that have come, at the server's port
    atomic_uint requests; // the datagrams that they came in
    atomic_bool done;     // the address has answered
};

// Whether n bytes may go there after sent ones. A plain server answers with a
// whole block, more than three times a request: so once for each of them.
static inline bool
tftp_validation_allows(const struct tftp_validation *validation, bool plain,
                       uint64_t sent, size_t n)
{
    uint64_t max = 3 * (uint64_t)atomic_load(&validation->bytes);

    if (plain)
        max = (uint64_t)atomic_load(&validation->requests) *
              (TFTP_HEADER + TFTP_BLOCK_DEFAULT);
    return sent + n <= max;
}

#endif
