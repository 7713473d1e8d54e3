/*
 * tcp/httpd/serve.h -- answer all that one client asks on one connection.
 */
#ifndef HTTPD_SERVE_H
#define HTTPD_SERVE_H

#include "connection.h"

// Answer requests until the client has no more, or a time limit is over. Then
// the connection is closed.
void serve(struct connection *c);

// Answer 503 without ever blocking.
void serve_refusal(int connection);

#endif
