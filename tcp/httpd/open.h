/*
 * tcp/httpd/open.h -- open what a path names under the root, and nothing else.
 */
#ifndef HTTPD_OPEN_H
#define HTTPD_OPEN_H

#include <stdbool.h>

#include "server.h"

// Open the path under the root, with these flags of open(2). What it leads to
// may be reached by symbolic links, but only if it is under the root all the
// same, public, and under cgi-bin exactly if it is to be a script. Returns a
// descriptor; -1 and errno.
int open_public(const struct server *server, const char *path, bool script,
                int flags);

// The status that tells a client why not.
int status_of_errno(int error);

#endif
