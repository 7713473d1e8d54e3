/*
 * tcp/httpd/cgi_environment.h -- what a script is told about its request.
 */
#ifndef HTTPD_CGI_ENVIRONMENT_H
#define HTTPD_CGI_ENVIRONMENT_H

#include "connection.h"
#include "target.h"

#define VARIABLES_MAX (FIELDS_MAX + 24)

struct environment {
    size_t count, length;
    bool overflow; // it did not fit
    char *variables[VARIABLES_MAX + 1];
    char text[HEAD_MAX_BYTES + 4 * TARGET_SIZE];
};

// The environment of the script at the first script_length bytes of the path.
void environment_make(struct environment *e, const struct connection *c,
                      const char *path, size_t script_length);

#endif
