/*
 * tcp/httpd/body.h -- where in the stream of bytes the body of a request is.
 */
#ifndef HTTPD_BODY_H
#define HTTPD_BODY_H

#include <stdint.h>

#include "request.h"

enum body_state {
    BODY_SIZED = 1, // Content-Length: that many bytes, and nothing around them
    BODY_SIZE,      // chunked: before the first digit of a chunk's size
    BODY_DIGITS,    // in the size
    BODY_SPACE,     // after the size: spaces, then an extension
    BODY_EXTENSION, // ";name=value", which no client uses: before the name
    BODY_EXTENSION_NAME,
    BODY_EXTENSION_EQUALS, // spaces after the name
    BODY_EXTENSION_VALUE,  // before the value
    BODY_EXTENSION_TOKEN,
    BODY_EXTENSION_QUOTED,
    BODY_EXTENSION_ESCAPE, // after a backslash
    BODY_EXTENSION_END,    // after it
    BODY_SIZE_FEED,        // the LF after the size
    BODY_DATA,             // in the chunk
    BODY_DATA_END,         // the CR after it
    BODY_DATA_FEED,        // the LF after that
    BODY_TRAILER,          // after the chunk of size 0: at the start of a line
    BODY_TRAILER_NAME,     // before its colon
    BODY_TRAILER_VALUE,
    BODY_TRAILER_FEED,
    BODY_LAST_FEED, // the LF of the empty line at the very end
    BODY_DONE,
    BODY_BAD, // not by the rules: where the next request begins is unknown
};

struct body {
    enum body_state state;
    uint64_t left;   // bytes until the end of the body, or of the chunk
    uint64_t length; // of the body so far
    size_t extra;    // bytes of extensions and trailers so far
};

struct body body_of(const struct request *r);

// Take one step: consume from the front of *in, and set *data to what of it is
// the body's, possibly nothing. Call it until *in is empty, or the state
// BODY_DONE or BODY_BAD.
void body_step(struct body *b, struct text *in, struct text *data);

#endif
