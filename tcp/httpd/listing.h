/*
 * tcp/httpd/listing.h -- a page of what is in a directory.
 */
#ifndef HTTPD_LISTING_H
#define HTTPD_LISTING_H

#include "connection.h"

// Answer with the page, and close the directory.
void listing_send(struct connection *c, const char *path, int directory);

#endif
