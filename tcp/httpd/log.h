/*
 * tcp/httpd/log.h -- one line about each request.
 */
#ifndef HTTPD_LOG_H
#define HTTPD_LOG_H

#include "connection.h"

// Log to this file, which is created if it is not there. Returns 0; -1 and
// errno.
int log_open(const char *name);

// Open it anew, by its name: it may have been moved away, see logrotate(8). May
// be called by a signal handler; if it fails, the old file goes on.
void log_reopen(void);

void log_request(const struct connection *c);

#endif
