/*
 * tcp/httpd/conditions.h -- does the client need the file, and which part?
 */
#ifndef HTTPD_CONDITIONS_H
#define HTTPD_CONDITIONS_H

#include <stdint.h>
#include <time.h>

#include "request.h"

// What tells one version of a file from another.
struct version {
    char etag[64]; // in quotes, as it is sent
    time_t modified;
    uint64_t size;
};

struct range {
    uint64_t first, length;
};

// The status to answer with, 200, 206, 304, 412 or 416, and which bytes. now is
// the time of the answer.
int conditions_check(const struct request *r, const struct version *v,
                     time_t now, struct range *range);

#endif
