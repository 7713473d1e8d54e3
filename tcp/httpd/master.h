/*
 * tcp/httpd/master.h -- the process that makes the workers.
 */
#ifndef HTTPD_MASTER_H
#define HTTPD_MASTER_H

#include "server.h"

// Block the signals and read them from a descriptor from now on, and fork the
// pool. Returns the descriptor. Ends the program, with a message, if that
// fails.
int master_begin(const struct server *server);

// Serve until a signal says to end. Returns that signal.
int master_run(const struct server *server, int signals);

#endif
