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
 *          number of processes can log to it, and no line is torn. Only a
 *          full disk takes a part of a line; then the next one begins anew.
 *
 * Read:    open(2), write(2), strftime(3)
 */
#define _GNU_SOURCE // dup3
#include "log.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int file = -1; // -1: nothing is logged
static char path[PATH_MAX];
static atomic_bool *torn; // by any process: the last line has no end

static int open_by(const char *name)
{
    return open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
}

int log_open(const char *name)
{
    file = open_by(name);
    if (file == -1 || !realpath(name, path))
        return -1;
    torn = mmap(NULL, sizeof *torn, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return torn == MAP_FAILED ? -1 : 0;
}

void log_reopen(void)
{
    int fresh = file == -1 ? -1 : open_by(path);

    if (fresh == -1)
        return;
    dup3(fresh, file, O_CLOEXEC); // in one step, under the number in use
    close(fresh);
}

// What the client sent must not look like another line, or move the cursor of
// a terminal on which the log is read.
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

    if (file == -1)
        return;
    if (escape(request, sizeof request, c->request.line) == 0)
        strcpy(request, "-");
    strftime(date, sizeof date, "%d/%b/%Y:%H:%M:%S +0000",
             gmtime_r(&now, &parts));
    const char *end = atomic_exchange(torn, false) ? "\n" : "";
    int length = snprintf(line, sizeof line, "%s%s - - [%s] \"%s\" %d %llu\n",
                          end, c->peer, date, request, c->status,
                          (unsigned long long)c->sent);
    ssize_t n = write(file, line, (size_t)length);
    // A full disk is no reason not to serve.
    if ((n == -1 && end[0] != '\0') || (n != -1 && n < length))
        atomic_store(torn, true);
}
