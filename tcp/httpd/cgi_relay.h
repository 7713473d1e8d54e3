/*
 * tcp/httpd/cgi_relay.h -- make a response of what a script prints.
 */
#ifndef HTTPD_CGI_RELAY_H
#define HTTPD_CGI_RELAY_H

#include "cgi_response.h"
#include "connection.h"
#include "script.h"

// Answer with the output of the script that was started under this name; it is
// ended in any case. Returns true if it asked for a local redirect (RFC 3875,
// section 6.2.2): nothing has been answered, and the path is in location.
bool cgi_relay(struct connection *c, struct script *script, const char *name,
               char location[static CGI_HEAD_MAX_BYTES]);

#endif
