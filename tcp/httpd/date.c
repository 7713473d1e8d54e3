/*
 * tcp/httpd/date.c -- dates as HTTP writes them.
 *
 * Read:    RFC 9110, section 5.6.7; strftime(3), strptime(3), timegm(3)
 */
#define _GNU_SOURCE // strptime, timegm
#include "date.h"

// The first is what is written today. The others must be understood.
static const char *const forms[] = {
    "%a, %d %b %Y %H:%M:%S GMT", // Sun, 06 Nov 1994 08:49:37 GMT
    "%A, %d-%b-%y %H:%M:%S GMT", // Sunday, 06-Nov-94 08:49:37 GMT
    "%a %b %e %H:%M:%S %Y",      // Sun Nov  6 08:49:37 1994
};

// The names of days and months are English, because no setlocale(3) was called.
void date_write(char *date, time_t when)
{
    struct tm parts;

    if (!gmtime_r(&when, &parts) ||
        strftime(date, DATE_SIZE, forms[0], &parts) == 0)
        date[0] = '\0'; // a year that does not have four digits
}

bool date_read(struct text date, time_t *when)
{
    char copy[48];

    if (date.length >= sizeof copy || date.length == 0)
        return false;
    memcpy(copy, date.at, date.length);
    copy[date.length] = '\0';

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm parts = {0};
        const char *end = strptime(copy, forms[i], &parts);
        if (end && *end == '\0') {
            *when = timegm(&parts);
            return true;
        }
    }
    return false;
}
