/*
 * tcp/httpd/server.h -- what is the same for all connections.
 */
#ifndef HTTPD_SERVER_H
#define HTTPD_SERVER_H

#include <stdint.h>

#define SOFTWARE "linux-ipc-httpd/1.0"

struct server {
    int listener;          // the socket that connections arrive on
    int root;              // ROOT, opened once and for all
    const char *root_path; // and its name, for scripts to see
    int dev_null;          // /dev/null, opened
    long workers;          // always there; 0: one is made per connection
    long timeout_ms;       // for a head, a script, a client that stands still
    uint64_t body_max;     // bytes that a request's body may have
    uint64_t output_max;   // bytes that a script may print
};

#endif
