/*
 * tcp/httpd/serve.h -- answer all that one client asks on one connection.
 */
#ifndef HTTPD_SERVE_H
#define HTTPD_SERVE_H

#include "connection.h"

// Answer requests until the client has no more, or has had its time. Then the
// connection is closed.
void serve(struct connection *c);

// Tell a client that nobody has the time for it, without ever waiting.
void serve_refusal(int connection);

#endif
