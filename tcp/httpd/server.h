/*
 * tcp/httpd/server.h -- what is the same for all connections.
 */
#ifndef HTTPD_SERVER_H
#define HTTPD_SERVER_H

#define SOFTWARE "linux-ipc-httpd/1.0"

struct server {
    int listener;          // the socket that connections arrive on
    int root;              // ROOT, opened once and for all
    const char *root_path; // and its name, for scripts to see
    int nothing;           // /dev/null, opened
    int log;               // -1: nothing is logged
    long workers;          // always there; 0: one is made per connection
    long timeout_ms;       // for a head, a script, a client that stands still
};

#endif
