/*
 * tcp/httpd/cgi_output.h -- read what a script prints.
 */
#ifndef HTTPD_CGI_OUTPUT_H
#define HTTPD_CGI_OUTPUT_H

#include "connection.h"
#include "script.h"

#define OUTPUT_MAX_BYTES 32768 // that are kept at once
#define CHUNK_SIZE_BYTES 16    // room before them, for the size of a chunk

struct cgi_output {
    struct connection *c; // the client that waits for it
    struct script *script;
    long long deadline;    // now_ms() when the script has to end
    long long client_seen; // now_ms() when the client, which has closed its
                           // side, was last known to be there; 0: it has not
    bool responding;       // the head of the response has been sent
    uint64_t bytes;        // read in total
    size_t start, end;     // what of them is in text, and not sent yet
    char text[CHUNK_SIZE_BYTES + OUTPUT_MAX_BYTES + 2]; // and its "\r\n"
};

enum cgi_event {
    CGI_OUTPUT = 1, // there is more in text
    CGI_IDLE,       // nothing happened within idle_ms
    CGI_FINISHED,   // end of file
    CGI_TIMEOUT,    // the deadline has passed
    CGI_CLIENT_GONE,
};

// The output of a script that was started just now.
void cgi_output_begin(struct cgi_output *o, struct connection *c,
                      struct script *script);

// How many more bytes fit into text.
size_t cgi_output_room(const struct cgi_output *o);

// Wait for the next event. There has to be room.
enum cgi_event cgi_output_next(struct cgi_output *o, int idle_ms);

#endif
