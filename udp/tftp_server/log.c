/*
 * udp/tftp_server/log.c -- see log.h.
 */
#include "log.h"

#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "../../common/printable.h"

void log_line(struct log *log, const char *format, ...)
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
    printable(line); // there are paths in it that a client has chosen
    if (log->file == -1) {
        syslog(LOG_INFO, "%s", line);
        return;
    }
    line[n] = '\n';
    if (write(log->file, line, (size_t)n + 1) != n + 1) {
        log->error = errno;
        warn("log");
    }
}
