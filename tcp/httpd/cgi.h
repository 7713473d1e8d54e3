/*
 * tcp/httpd/cgi.h -- answer with what a script prints.
 */
#ifndef HTTPD_CGI_H
#define HTTPD_CGI_H

#include "cgi_response.h"
#include "connection.h"
#include "target.h"

// Returns false if the request has been answered; true if the script asked for
// a local redirect, whose path is then in location.
bool cgi_serve(struct connection *c, const struct target *t,
               char location[static CGI_HEAD_MAX_BYTES]);

#endif
