/*
 * tcp/httpd/master.h -- the process that makes the workers.
 */
#ifndef HTTPD_MASTER_H
#define HTTPD_MASTER_H

#include "server.h"

// Take signals from a descriptor from now on, and fork the workers that there
// are to be. Returns the descriptor. Ends the program if that cannot be.
int master_begin(const struct server *server);

// Serve until a signal says to end. Returns that signal.
int master_run(const struct server *server, int signals);

#endif
