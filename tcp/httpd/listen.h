/*
 * tcp/httpd/listen.h -- the socket that connections arrive on.
 */
#ifndef HTTPD_LISTEN_H
#define HTTPD_LISTEN_H

#include <stdbool.h>

// Listen there. Ends the program, with a message, if that does not work.
int open_listener(const char *address, const char *port, long timeout_ms);

// Set what a connection needs: on it, or on the socket that it comes from. To
// read from it and to write to it may each take timeout_ms.
void listen_options(int s, long timeout_ms);

// Whether accept(2) failed for want of descriptors or memory, which may be
// freed soon. The connection then stays in the queue and the socket stays
// readable: a caller that does not pause now spins.
bool is_shortage(int error);

#define SHORTAGE_MS 100

#endif
