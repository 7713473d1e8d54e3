/*
 * tcp/httpd/log.c -- one line about each request.
 *
 *     127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] "GET / HTTP/1.1" 200 1024
 *
 * That is the Common Log Format, which every tool that reads logs knows. The
 * two dashes were once the user's name according to identd, and according to a
 * password.
 *
 * Shows:   The file is open with O_APPEND, and a line is one write(2): so any
 *          number of processes can log to it, and no line is torn.
 *
 * Read:    open(2), write(2), strftime(3)
 */
#include "log.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

// What the client sent must not look like another line, or move the cursor of
// whoever reads the log on a terminal.
static size_t escape(char *to, size_t size, struct text from)
{
    size_t length = 0;

    for (size_t i = 0; i < from.length && length + 5 < size; i++) {
        unsigned char c = (unsigned char)from.at[i];
        if (c >= ' ' && c < 0x7f && c != '"' && c != '\\')
            to[length++] = (char)c;
        else
            length += (size_t)snprintf(to + length, 5, "\\x%02x", c);
    }
    to[length] = '\0';
    return length;
}

void log_request(const struct connection *c)
{
    char line[2048], request[1536], date[40];
    time_t now = time(NULL);
    struct tm parts;

    if (c->server->log == -1)
        return;
    if (escape(request, sizeof request, c->request.line) == 0)
        strcpy(request, "-");
    strftime(date, sizeof date, "%d/%b/%Y:%H:%M:%S +0000",
             gmtime_r(&now, &parts));
    int n = snprintf(line, sizeof line, "%s - - [%s] \"%s\" %d %llu\n", c->peer,
                     date, request, c->status, (unsigned long long)c->sent);
    if (write(c->server->log, line, (size_t)n) == -1)
        return; // a full disk is no reason not to serve
}
