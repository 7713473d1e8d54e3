/*
 * tcp/httpd/response.h -- the head of an answer, and short answers.
 */
#ifndef HTTPD_RESPONSE_H
#define HTTPD_RESPONSE_H

#include "connection.h"

struct response {
    size_t length;
    char text[2 * HEAD_MAX_BYTES];
};

// The status line. c->status is then this status.
void response_begin(struct response *r, struct connection *c, int status);

// The same with the reason of a script; if that is empty, with the usual one.
void response_begin_as(struct response *r, struct connection *c, int status,
                       struct text reason);

// One more line. The response has room for every field of this program and of
// a script.
void response_field(struct response *r, const char *name, const char *format,
                    ...) __attribute__((format(printf, 3, 4)));
void response_pass(struct response *r, const struct field *field);

// The fields that every answer has, and the empty line. It settles whether the
// connection stays: c->keep_alive.
void response_end(struct response *r, struct connection *c);

// A whole answer that says no more than its status. allow and location may be
// NULL: the methods that are allowed, or where to go instead.
void respond(struct connection *c, int status, const char *allow,
             const char *location);

const char *reason_of(int status);

// RFC 9110, sections 15.3.5 and 15.4.5.
static inline bool status_has_no_body(int status)
{
    return status == 204 || status == 304;
}

#endif
