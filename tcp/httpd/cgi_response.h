/*
 * tcp/httpd/cgi_response.h -- the head of what a script prints.
 */
#ifndef HTTPD_CGI_RESPONSE_H
#define HTTPD_CGI_RESPONSE_H

#include <stdint.h>

#include "fields.h"

#define CGI_HEAD_MAX_BYTES 8192

struct cgi_response {
    int status;
    struct text reason;   // may be empty
    struct text location; // .at is NULL if there is none
    bool local_redirect;  // it is a path of this server: answer with that
    bool has_length;      // the script says how long the body is
    uint64_t length;
    struct fields fields; // all of them
};

// How many of the bytes are the head, its empty line included; 0 if the end is
// not there yet.
size_t cgi_response_head_length(const char *bytes, size_t count);

// Take the head apart; *r then points into it. False if it is not valid.
bool cgi_response_parse(struct cgi_response *r, struct text head);

// Whether a field is for the client: not if it is an instruction to the server,
// and not if it is for the server to say.
bool cgi_response_passes(struct text name);

#endif
