/*
 * tcp/httpd/request.h -- the head of a request, as it was sent, and what it
 * says.
 */
#ifndef HTTPD_REQUEST_H
#define HTTPD_REQUEST_H

#include <stdint.h>

#include "fields.h"

#define LINE_MAX_BYTES 8192  // of the first line, RFC 9112 section 3 wants 8000
#define HEAD_MAX_BYTES 16384 // of the first line and all fields

enum method {
    METHOD_GET = 1,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_OPTIONS,
    METHOD_OTHER, // one that others know: PUT, DELETE, ...
};

struct request {
    struct text line; // the first one: GET /path?query HTTP/1.1
    enum method method;
    struct text path;      // from its first slash on, still encoded
    struct text query;     // what follows the '?'; .at is NULL if there is none
    bool of_server;        // OPTIONS *: about the server, not about a path
    int minor;             // the 1 of HTTP/1.1
    struct text host;      // without the port; empty if not given
    struct text authority; // host and port of "http://host:port/path", or empty
    struct fields fields;

    bool keep_alive;      // the client has more to ask on this connection
    bool expects_100;     // it waits for a 100 before it sends the body
    bool chunked;         // the body says itself where it ends; otherwise
    bool has_length;      // it was said beforehand, and is
    uint64_t body_length; // this, or 0
};

// How many of the bytes are a request's head, its empty line included. 0 if the
// end is not there yet; then *refusal may say that it never will be: 400, 414,
// 431.
size_t request_head_length(const char *bytes, size_t count, int *refusal);

// A request of which nothing is known yet.
void request_clear(struct request *r);

// Take the head apart; *r then points into it. Returns 0, or the status to
// refuse it with. After a refusal it is unknown where the next request begins:
// the connection has to end.
int request_parse(struct request *r, struct text head);

#endif
