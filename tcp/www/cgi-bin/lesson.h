/*
 * tcp/www/cgi-bin/lesson.h -- a lesson that is started from a page: by whom,
 * which one, and for how long.
 *
 * BUILD/live/ has what make site leaves there, for its owner only: `token`,
 * which every form of these pages carries; `lessons`, a line of a name, its
 * title in both languages, and the commands for each one that may be started;
 * and `limit_s`, how long one may take.
 */
#ifndef TCP_WWW_CGI_BIN_LESSON_H
#define TCP_WWW_CGI_BIN_LESSON_H

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "page.h"

#define TERMINALS_MAX 6

struct lesson {
    char line[2048]; // the others are in there
    const char *name, *title;
    const char *commands[TERMINALS_MAX];
    int count;
};

// Open a file that make site has left. NULL if it is not there.
static inline FILE *live_open(const char *name)
{
    char build[PATH_MAX], path[PATH_MAX + 32];

    if (!find_build(build))
        return NULL;
    snprintf(path, sizeof path, "%slive/%s", build, name);
    return fopen(path, "re");
}

// Its first line. False if there is none.
static inline bool live_line(const char *name, char *line, size_t size)
{
    FILE *file = live_open(name);
    bool found = file && fgets(line, (int)size, file);

    if (file)
        fclose(file);
    if (found)
        line[strcspn(line, "\n")] = '\0';
    return found && line[0] != '\0';
}

// Take the next lesson from the list. False at its end.
static inline bool lesson_next(FILE *list, struct lesson *lesson)
{
    char *rest = lesson->line;

    if (!fgets(lesson->line, sizeof lesson->line, list))
        return false;
    lesson->line[strcspn(lesson->line, "\n")] = '\0';
    lesson->name = strsep(&rest, "\t");
    lesson->title = rest ? strsep(&rest, "\t") : "";
    const char *chinese = rest ? strsep(&rest, "\t") : "";
    if (language()[0] != '\0')
        lesson->title = chinese;
    lesson->count = 0;
    while (rest && lesson->count < TERMINALS_MAX)
        lesson->commands[lesson->count++] = strsep(&rest, "\t");
    return true;
}

// Find a lesson by its name. False if it is not in the list.
static inline bool lesson_find(const char *name, struct lesson *lesson)
{
    FILE *list = live_open("lessons");
    bool found = false;

    while (list && !found && lesson_next(list, lesson))
        found = strcmp(lesson->name, name) == 0;
    if (list)
        fclose(list);
    return found;
}

// The value of a field, in a query or in the body of a form; what we look for
// needs no decoding but that of a slash. False if it is not there.
static inline bool form_field(const char *form, const char *name, char *value,
                              size_t size)
{
    size_t length = strlen(name), n = 0;

    for (const char *at = form; at; at = strchr(at, '&')) {
        at += *at == '&';
        if (strncmp(at, name, length) != 0 || at[length] != '=')
            continue;
        for (at += length + 1; *at && *at != '&' && n + 1 < size; n++)
            if (strncasecmp(at, "%2f", 3) == 0) {
                value[n] = '/';
                at += 3;
            } else {
                value[n] = *at++;
            }
        value[n] = '\0';
        return true;
    }
    return false;
}

static inline bool is_loopback(const char *name)
{
    size_t length =
        name[0] == '[' ? strcspn(name, "]") + 1 : strcspn(name, ":");
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length &&
            strncasecmp(name, names[i], length) == 0)
            return true;
    return false;
}

static inline const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

// Why this request may not start anything; NULL if it may. The token keeps out
// the pages of other sites, which cannot read it. The name that the browser has
// used keeps out a name of theirs that leads to this machine (DNS rebinding).
static inline const char *refusal(const char *form)
{
    char token[128], given[128];
    const char *peer = variable("REMOTE_ADDR");
    const char *origin = variable("HTTP_ORIGIN");
    const char *host = variable("HTTP_HOST");

    if (strcmp(peer, "127.0.0.1") != 0 && strcmp(peer, "::1") != 0)
        return "Only this machine may start a lesson.";
    if (!is_loopback(host))
        return "This page has been asked for by another name than 127.0.0.1.";
    if (origin[0] != '\0' && (strncmp(origin, "http://", 7) != 0 ||
                              strcasecmp(origin + 7, host) != 0))
        return "The form is that of another site.";
    if (!live_line("token", token, sizeof token))
        return "The site was not started by make site.";
    if (!form_field(form, "token", given, sizeof given) ||
        strcmp(given, token) != 0)
        return "The token is missing, or is an old one: load the page again.";
    return NULL;
}

#endif
