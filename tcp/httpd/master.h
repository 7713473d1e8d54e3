/*
 * tcp/httpd/master.h -- the process that makes the workers.
 */
#ifndef HTTPD_MASTER_H
#define HTTPD_MASTER_H

#include "server.h"

// Serve until a signal says to end. Returns that signal.
int master_run(const struct server *server);

#endif
