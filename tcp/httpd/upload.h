/*
 * tcp/httpd/upload.h -- take the body of a request off the connection.
 */
#ifndef HTTPD_UPLOAD_H
#define HTTPD_UPLOAD_H

#include "connection.h"

// Read all of the body into a file in memory, and set *file to it, at its
// start. Returns 0; or the status to refuse the request with, 400, 408, 413 or
// 503, and the connection has to end.
int upload_receive(struct connection *c, int *file);

// Read an unused body to its end, so that the next request can be read. False
// if the connection has to end.
bool upload_discard(struct connection *c);

#endif
