/*
 * tcp/httpd/types.h -- the media type of a file, by the suffix of its name.
 */
#ifndef HTTPD_TYPES_H
#define HTTPD_TYPES_H

// The Content-Type of a file of that name.
const char *type_of(const char *path);

#endif
