/*
 * tcp/httpd/target.h -- from the path of a URL to a path under the root.
 */
#ifndef HTTPD_TARGET_H
#define HTTPD_TARGET_H

#include "text.h"

#define TARGET_SIZE 4096

struct target {
    char path[TARGET_SIZE]; // "docs/a b.txt"; the root itself is "."
    bool slash;             // the URL ended in one: a directory is meant
    bool script;            // under cgi-bin: to be run
};

// Decode the path of a URL. Returns 0, or the status to refuse it with.
int target_decode(struct target *t, struct text path);

// Write the path as a URL: '/' first, everything unusual as %XX. False if it
// does not fit into size bytes.
bool target_encode(char *url, size_t size, const char *path);

// Whether no part of a path under the root begins with a dot.
bool is_public(const char *path);

// Whether it is cgi-bin, or in there.
bool is_script(const char *path);

#endif
