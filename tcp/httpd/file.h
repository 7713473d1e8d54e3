/*
 * tcp/httpd/file.h -- answer with a file, or with what is in a directory.
 */
#ifndef HTTPD_FILE_H
#define HTTPD_FILE_H

#include "connection.h"
#include "target.h"

void file_serve(struct connection *c, const struct target *t);

#endif
