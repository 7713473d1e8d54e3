/*
 * tcp/httpd/log.h -- one line about each request.
 */
#ifndef HTTPD_LOG_H
#define HTTPD_LOG_H

#include "connection.h"

void log_request(const struct connection *c);

#endif
