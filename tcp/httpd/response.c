/*
 * tcp/httpd/response.c -- the head of an answer, and short answers.
 *
 * Read:    RFC 9110, section 15 (every status, and where it belongs)
 */
#include "response.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "date.h"

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

const char *reason_of(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Unknown";
}

static void append(struct response *r, const char *format, va_list values)
{
    size_t room = sizeof r->text - r->length;
    int n = vsnprintf(r->text + r->length, room, format, values);

    if (n > 0)
        r->length += (size_t)n < room ? (size_t)n : room - 1;
}

static void add_text(struct response *r, const char *text, size_t length)
{
    if (length < sizeof r->text - r->length) {
        memcpy(r->text + r->length, text, length);
        r->length += length;
    }
}

static void add(struct response *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct response *r, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    append(r, format, values);
    va_end(values);
}

void response_begin(struct response *r, struct connection *c, int status)
{
    response_begin_as(r, c, status, (struct text){NULL, 0});
}

void response_begin_as(struct response *r, struct connection *c, int status,
                       struct text reason)
{
    // Step 8: the status line
    c->status = status;
    r->length = 0;
    if (reason.length > 0)
        add(r, "HTTP/1.1 %d %.*s\r\n", status, (int)reason.length, reason.at);
    else
        add(r, "HTTP/1.1 %d %s\r\n", status, reason_of(status));
}

void response_field(struct response *r, const char *name, const char *format,
                    ...)
{
    va_list values;

    // Step 8: a field
    add_text(r, name, strlen(name));
    add_text(r, ": ", 2);
    va_start(values, format);
    append(r, format, values);
    va_end(values);
    add_text(r, "\r\n", 2);
}

void response_pass(struct response *r, const struct field *field)
{
    add_text(r, field->name.at, field->name.length);
    add_text(r, ": ", 2);
    add_text(r, field->value.at, field->value.length);
    add_text(r, "\r\n", 2);
}

void response_end(struct response *r, struct connection *c)
{
    static char date[DATE_SIZE]; // of the last answer: usually the same
    static time_t when;
    time_t now = time(NULL);

    if (now != when)
        date_write(date, now);
    when = now;
    response_field(r, "Date", "%s", date);

    // If the client still waits for a 100, what comes next may be the body or
    // another request. A body that is too big is not read to its end. And a
    // signal may have asked for the end.
    if (c->awaits_100 || c->request.body_length > c->server->body_max ||
        connection_is_last())
        c->keep_alive = false;
    if (!c->keep_alive)
        response_field(r, "Connection", "close");
    else if (c->request.minor == 0)
        response_field(r, "Connection", "keep-alive");
    add_text(r, "\r\n", 2);
}

void respond(struct connection *c, int status, const char *allow,
             const char *location)
{
    struct response r;
    char page[256] = "";

    response_begin(&r, c, status);
    if (allow)
        response_field(&r, "Allow", "%s", allow);
    if (location)
        response_field(&r, "Location", "%s", location);
    if (status == 503)
        response_field(&r, "Retry-After", "1");
    if (!status_has_no_body(status)) {
        // Nothing of what the client sent is in here: it could be a script.
        int n = snprintf(page, sizeof page,
                         "<!DOCTYPE html>\n<title>%d %s</title>\n"
                         "<h1>%d %s</h1>\n",
                         status, reason_of(status), status, reason_of(status));
        response_field(&r, "Content-Type", "text/html; charset=utf-8");
        response_field(&r, "Content-Length", "%d", n);
    }
    response_end(&r, c);
    if (c->request.method != METHOD_HEAD) {
        add_text(&r, page, strlen(page));
        c->sent = strlen(page);
    }
    if (!connection_write(c, r.text, r.length))
        c->keep_alive = false;
}
