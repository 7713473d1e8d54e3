/*
 * tcp/httpd/connection.h -- bytes from a client and to it, with a time limit.
 */
#ifndef HTTPD_CONNECTION_H
#define HTTPD_CONNECTION_H

#include <netinet/in.h>

#include "body.h"
#include "request.h"
#include "server.h"

struct connection {
    const struct server *server;
    int in, out;                 // the same socket; with --inetd, 0 and 1
    bool is_socket;              // --inetd is happy with pipes and files, too
    char peer[INET6_ADDRSTRLEN]; // the client's address

    // What has arrived: first the head of the request being answered, then,
    // from start to end, bytes not used yet. They may be more requests already.
    char buffer[HEAD_MAX_BYTES + 8192];
    size_t head, start, end;

    // The request being answered. It points into the buffer.
    struct request request;
    struct body body; // how much of it has been read
    bool awaits_100;  // the client will not send it before it is told to
    bool keep_alive;  // another request may follow
    bool is_reset;    // it ends with a reset
    int write_error;  // errno, when it could not be written to; or 0
    int status;       // of the answer
    uint64_t sent;    // bytes of the answer's body

    // How fast the client takes what we send.
    uint64_t bytes_queued;   // that went into the socket
    uint64_t bytes_acked;    // of those, when stalled_since was set
    long long stalled_since; // now_ms() when a write first had to wait; or 0
};

// A connection over these descriptors.
void connection_begin(struct connection *c, const struct server *server, int in,
                      int out);

enum arrival {
    ARRIVED = 1, // there is more in the buffer than before
    ENDED,       // the client will not send any more
    LATE,        // nothing came in time
};

// Wait for the first bytes of a request: at most the server's time limit.
enum arrival connection_await(struct connection *c);

// Read more of it, until now_ms() is the deadline at most.
enum arrival connection_read(struct connection *c, long long deadline);

// The client is waited for, in the middle of a request: this connection may be
// closed in favour of a new one.
void connection_waits(const struct connection *c);

// From now on the client waits for the answer.
void connection_busy(void);

// Send all of it. False if the client is gone, or takes less than a kilobyte a
// second.
bool connection_write(struct connection *c, const char *bytes, size_t count);

// The same, where a file follows: the kernel may keep it until then.
bool connection_write_first(struct connection *c, const char *bytes,
                            size_t count);

// Send that part of a file. False as well if the file has become shorter.
bool connection_write_file(struct connection *c, int file, uint64_t offset,
                           uint64_t count);

// Close with a reset in place of an end: what was sent is not all of it.
void connection_reset(struct connection *c);

// Close; but in such a way that the client sees what was sent last.
void connection_end(struct connection *c);

// For signal handlers. Do not wait for the client any more, not even for the
// rest of a request; what is being answered is answered.
void connection_hang_up(void);

// Answer the request that has begun to arrive, but no other: on this connection
// or any to come.
void connection_end_all(void);

// Whether one of them has been called.
bool connection_is_last(void);

#endif
