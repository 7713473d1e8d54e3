/*
 * tcp/httpd/worker.h -- a process that serves connections.
 */
#ifndef HTTPD_WORKER_H
#define HTTPD_WORKER_H

#include <sys/types.h>

#include "server.h"
#include "slots.h"

// In the master, before the first fork: say what signals do to a worker. The
// master itself has them blocked.
void worker_handlers(void);

// In a child of the master: be a worker, in this slot.
void worker_begin(struct slot *slot, pid_t master);

// Accept and serve one connection after the other. Does not return.
void worker_serve_all(const struct server *server, pid_t master)
    __attribute__((noreturn));

// Serve this one connection. Does not return.
void worker_serve_one(const struct server *server, int connection)
    __attribute__((noreturn));

// Serve the one that standard input and output are. Returns 0, or the signal
// that ended it.
int worker_serve_inetd(const struct server *server);

#endif
