/*
 * tcp/httpd/date.h -- dates as HTTP writes them.
 */
#ifndef HTTPD_DATE_H
#define HTTPD_DATE_H

#include <time.h>

#include "text.h"

#define DATE_SIZE sizeof "Sun, 06 Nov 1994 08:49:37 GMT"

// Write the time into a buffer of DATE_SIZE bytes.
void date_write(char *date, time_t when);

// Read a date in any of the three forms that HTTP has had. False if it is none.
bool date_read(struct text date, time_t *when);

#endif
