/*
 * udp/tftp_server/log.h -- one line for what happens, to where it is wanted:
 * standard output, a file, or the system's log.
 */
#ifndef UDP_TFTP_SERVER_LOG_H
#define UDP_TFTP_SERVER_LOG_H

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "../../common/printable.h"

struct log {
    int file; // -1: syslog
};

// A line is one write, so those of several processes do not mix.
__attribute__((format(printf, 2, 3))) static inline void
log_line(const struct log *log, const char *format, ...)
{
    char line[1024];
    va_list values;

    va_start(values, format);
    int n = vsnprintf(line, sizeof line - 1, format, values);
    va_end(values);
    if (n < 0)
        return;
    if (n > (int)sizeof line - 2)
        n = (int)sizeof line - 2;
    printable(line); // there are paths in it that somebody else has chosen
    if (log->file == -1) {
        syslog(LOG_INFO, "%s", line);
        return;
    }
    line[n] = '\n';
    if (write(log->file, line, (size_t)n + 1) == -1)
        return; // and where would one say so?
}

#endif
