/*
 * common/trace/call.c -- lines of strace(1), as calls: see call.h.
 */
#define _GNU_SOURCE // strndup
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"

const char *text_skip(const char *at)
{
    static const char open[] = "([{";
    static const char close[] = ")]}";

    if (*at == '"') {
        for (at++; *at != '\0' && *at != '"'; at++)
            if (*at == '\\' && at[1] != '\0')
                at++;
        return *at == '"' ? at + 1 : at;
    }
    const char *bracket = *at != '\0' ? strchr(open, *at) : NULL;
    if (!bracket)
        return *at == '\0' ? at : at + 1;
    for (at++; *at != '\0' && *at != close[bracket - open];)
        at = text_skip(at);
    return *at == '\0' ? at : at + 1;
}

const char *call_arg(const struct call *call, int n, char *text, size_t size)
{
    const char *at = call->args;

    for (; n > 0 && *at != '\0'; at = text_skip(at))
        if (*at == ',')
            n--;
    while (*at == ' ')
        at++;
    const char *end = at;
    while (*end != '\0' && *end != ',')
        end = text_skip(end);
    snprintf(text, size, "%.*s", (int)(end - at), at);
    return text;
}

long long call_number(const struct call *call, int n)
{
    char text[64];

    return strtoll(call_arg(call, n, text, sizeof text), NULL, 0);
}

const char *text_field(const char *text, const char *field, char *value,
                       size_t size)
{
    const size_t length = strlen(field);

    value[0] = '\0';
    for (const char *at = text; *at != '\0';) {
        if (strncmp(at, field, length) == 0 && at[length] == '=' &&
            (at == text ||
             !(isalnum((unsigned char)at[-1]) || at[-1] == '_'))) {
            const char *begin = at + length + 1;
            const char *end = begin;
            while (*end != '\0' && !strchr(",)]}", *end))
                end = text_skip(end);
            snprintf(value, size, "%.*s", (int)(end - begin), begin);
            break;
        }
        at = *at == '"' ? text_skip(at) : at + 1;
    }
    return value;
}

const char *text_member(const char *text, int n, char *value, size_t size)
{
    const char *at = *text == '{' ? text + 1 : "";

    for (; n > 0 && *at != '\0' && *at != '}'; at = text_skip(at))
        if (*at == ',')
            n--;
    while (*at == ' ')
        at++;
    const char *name = at;
    while (isalnum((unsigned char)*name) || *name == '_')
        name++;
    if (*name == '=')
        at = name + 1;
    const char *end = at;
    while (*end != '\0' && *end != ',' && *end != '}')
        end = text_skip(end);
    snprintf(value, size, "%.*s", (int)(end - at), at);
    return value;
}

size_t text_bytes(const char *text, uint8_t *bytes, size_t size)
{
    static const char letters[] = "abtnvfre";
    static const char meant[] = "\a\b\t\n\v\f\r\033";
    size_t n = 0;
    const char *at = strchr(text, '"');

    if (!at)
        return 0;
    for (at++; *at != '\0' && *at != '"' && n < size; at++) {
        if (*at != '\\') {
            bytes[n++] = (uint8_t)*at;
            continue;
        }
        if (*++at == '\0')
            break; // call_arg() has cut it off there
        const char *letter = strchr(letters, *at);
        if (*at == 'x' && isxdigit((unsigned char)at[1])) {
            const char digits[] = {at[1], at[2], '\0'};
            bytes[n++] = (uint8_t)strtoul(digits, NULL, 16);
            at += digits[1] != '\0' ? 2 : 1;
        } else if (*at >= '0' && *at <= '7') {
            unsigned value = 0;
            for (int i = 0; i < 3 && *at >= '0' && *at <= '7'; i++, at++)
                value = value * 8 + (unsigned)(*at - '0');
            bytes[n++] = (uint8_t)value;
            at--;
        } else {
            bytes[n++] = (uint8_t)(letter ? meant[letter - letters] : *at);
        }
    }
    return n;
}

size_t text_vector(const char *text, uint8_t *bytes, size_t size)
{
    size_t count = 0;
    const char *at = strstr(text, "iov_base=");

    if (!at)
        return text_bytes(text, bytes, size);
    for (; at; at = strstr(at + 9, "iov_base=")) {
        const char *length = strstr(at, "iov_len=");
        size_t n = text_bytes(at + 9, bytes + count, size - count);
        const size_t fits = length ? strtoul(length + 8, NULL, 10) : n;
        count += n < fits ? n : fits;
        if (n < fits)
            break; // strace shows no more of it
    }
    return count;
}

static struct call *new_call(struct calls *calls)
{
    if (calls->count == calls->room) {
        calls->room = calls->room ? calls->room * 2 : 256;
        calls->call =
            reallocarray(calls->call, calls->room, sizeof calls->call[0]);
        if (!calls->call)
            err(1, "reallocarray");
    }
    struct call *call = &calls->call[calls->count++];
    *call = (struct call){0};
    return call;
}

static char *copy_of(const char *text, size_t length)
{
    char *copied = strndup(text, length);

    if (!copied)
        err(1, "strndup");
    return copied;
}

// A number up to most, moving *at behind it. A larger one counts as 0: strace
// writes none, and times are added up.
static int64_t read_number(const char **at, long long most)
{
    char *end;
    long long n = strtoll(*at, &end, 10);

    *at = end;
    return n >= 0 && n <= most ? n : 0;
}

// Microseconds of "1700000000.123456"; moves *at behind it.
static int64_t read_time_us(const char **at)
{
    int64_t us = read_number(at, 9999999999) * 1000000;

    if (**at == '.') {
        ++*at;
        us += read_number(at, 999999);
    }
    return us;
}

// What stands behind the arguments: " = -1 EAGAIN (Resource ...) <0.000004>".
static bool read_result(struct call *call, const char *text)
{
    const char *equals = strstr(text, "= ");
    const char *took = strrchr(text, '<');

    if (!equals)
        return false;
    const char *at = equals + 2;
    if (*at == '?') {
        call->restarts = strncmp(at, "? ERESTART", 10) == 0;
        call->returned = call->restarts; // exit_group never does
        at++;
    } else {
        char *end;
        call->value = strtoll(at, &end, 0);
        if (end == at)
            return false;
        call->returned = true;
        at = end;
    }
    sscanf(at, " %19[A-Z0-9_]", call->error);
    size_t length = strlen(at);
    if (took && took >= at && isdigit((unsigned char)took[1])) {
        const char *digits = took + 1;
        call->end_us = call->begin_us + read_time_us(&digits);
        length = (size_t)(took - at);
    }
    while (length > 0 && isspace((unsigned char)at[length - 1]))
        length--;
    call->note = copy_of(at, length);
    return true;
}

// Where the arguments end: at the bracket that closes them, or where strace
// went over to another process.
static const char *end_of_args(const char *at)
{
    while (*at != '\0' && *at != ')' &&
           strncmp(at, " <unfinished ...>", 17) != 0)
        at = text_skip(at);
    return at;
}

static bool read_call(struct calls *calls, struct call call, const char *at)
{
    const char *open = strchr(at, '(');

    if (!open || (size_t)(open - at) >= sizeof call.name)
        return false;
    memcpy(call.name, at, (size_t)(open - at));
    const char *end = end_of_args(open + 1);
    if (*end == ')' && !read_result(&call, end + 1))
        return false;
    call.args = copy_of(open + 1, (size_t)(end - open - 1));
    *new_call(calls) = call;
    return true;
}

// "<... msgrcv resumed>{mtype=1, ...}, 18, 0, 0) = 17 <0.2>"
static bool read_resumed(struct calls *calls, pid_t pid, const char *at)
{
    const char *rest = strstr(at, " resumed>");

    for (size_t i = calls->count; rest && i-- > 0;) {
        struct call *call = &calls->call[i];
        if (call->pid != pid || call->kind != CALL_SYSTEM || call->note)
            continue;
        const char *more = rest + 9;
        const char *end = end_of_args(more);
        char *args;
        if (asprintf(&args, "%s%.*s", call->args, (int)(end - more), more) ==
            -1)
            err(1, "asprintf");
        free(call->args);
        call->args = args;
        return *end == ')' && read_result(call, end + 1);
    }
    return false;
}

bool calls_read_line(struct calls *calls, int command, const char *line)
{
    char *after;
    struct call call = {.command = command};

    call.pid = (pid_t)strtol(line, &after, 10);
    if (after == line || call.pid <= 0)
        return false;
    const char *at = after;
    call.begin_us = call.end_us = read_time_us(&at);
    if (call.begin_us == 0 || *at != ' ')
        return false;
    at++;
    if (strncmp(at, "<... ", 5) == 0)
        return read_resumed(calls, call.pid, at);

    call.returned = true;
    if (sscanf(at, "+++ exited with %lld", &call.value) == 1) {
        call.kind = CALL_EXIT;
    } else if (sscanf(at, "+++ killed by %31[A-Z0-9_]", call.name) == 1) {
        call.kind = CALL_KILLED;
    } else if (sscanf(at, "--- %31[A-Z0-9_] {", call.name) == 1) {
        call.kind = CALL_SIGNAL;
    } else if (*at == '-' || *at == '+') {
        return true; // stopped, or superseded by execve
    } else {
        call.kind = CALL_SYSTEM;
        call.returned = false;
        return read_call(calls, call, at);
    }
    call.args = copy_of(at, strlen(at));
    call.note = copy_of("", 0);
    *new_call(calls) = call;
    return true;
}

void calls_free(struct calls *calls)
{
    for (size_t i = 0; i < calls->count; i++) {
        free(calls->call[i].args);
        free(calls->call[i].note);
    }
    free(calls->call);
    *calls = (struct calls){0};
}
