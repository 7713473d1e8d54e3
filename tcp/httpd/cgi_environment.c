/*
 * tcp/httpd/cgi_environment.c -- what a script is told about its request.
 *
 * All the variables of the standard, and no others: not even PATH, and nothing
 * of what this server found in its own environment.
 *
 * Read:    RFC 3875, section 4.1; environ(7)
 */
#include "cgi_environment.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

static void set(struct environment *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Add "NAME=value".
static void set(struct environment *e, const char *format, ...)
{
    size_t room = sizeof e->text - e->length;
    va_list values;

    va_start(values, format);
    int n = vsnprintf(e->text + e->length, room, format, values);
    va_end(values);
    if (n < 0 || (size_t)n >= room || e->count == VARIABLES_MAX) {
        e->overflow = true;
        return;
    }
    e->variables[e->count++] = e->text + e->length;
    e->length += (size_t)n + 1;
    e->variables[e->count] = NULL;
}

// Where the request came in: what it calls us, or else our address; our port.
static void set_server(struct environment *e, const struct connection *c)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } here;
    socklen_t length = sizeof here;
    char address[INET6_ADDRSTRLEN] = "127.0.0.1";
    unsigned port = 80;

    if (c->is_socket && getsockname(c->in, &here.any, &length) == 0) {
        if (here.any.sa_family == AF_INET) {
            inet_ntop(AF_INET, &here.v4.sin_addr, address, sizeof address);
            port = ntohs(here.v4.sin_port);
        } else if (here.any.sa_family == AF_INET6) {
            inet_ntop(AF_INET6, &here.v6.sin6_addr, address, sizeof address);
            port = ntohs(here.v6.sin6_port);
        }
    }
    if (c->request.host.length > 0)
        set(e, "SERVER_NAME=%.*s", (int)c->request.host.length,
            c->request.host.at);
    else if (strchr(address, ':'))
        set(e, "SERVER_NAME=[%s]", address);
    else
        set(e, "SERVER_NAME=%s", address);
    set(e, "SERVER_PORT=%u", port);
}

// Not for scripts: what concerns this connection only, what has a variable of
// its own, passwords; and Proxy, because HTTP_PROXY already means something to
// programs that fetch: a client that set it would see all they do ("httpoxy").
// Nor a name with '_' in it, which could not be told from one with '-'.
static bool passes(struct text name)
{
    static const char *const kept[] = {
        "Connection",     "Keep-Alive",   "Proxy-Connection",
        "Trailer",        "Upgrade",      "Transfer-Encoding",
        "Expect",         "Content-Type", "Proxy-Authorization",
        "Content-Length", "Proxy",        "Authorization",
    };

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (text_is_any_case(name, kept[i]))
            return false;
    for (size_t i = 0; i < name.length; i++)
        if (!is_letter(name.at[i]) && !is_digit(name.at[i]) &&
            name.at[i] != '-')
            return false;
    return true;
}

static bool same_name(struct text a, struct text b)
{
    return a.length == b.length && strncasecmp(a.at, b.at, a.length) == 0;
}

// "User-Agent: x" is HTTP_USER_AGENT=x. Fields of the same name make one list.
static void set_field(struct environment *e, const struct fields *fields,
                      size_t i)
{
    struct text name = fields->list[i].name;
    const char *separator = text_is_any_case(name, "Cookie") ? "; " : ", ";
    char variable[256], value[HEAD_MAX_BYTES];
    size_t length = 0;

    for (size_t k = 0; k < i; k++)
        if (same_name(fields->list[k].name, name))
            return; // it is there already
    if (name.length >= sizeof variable)
        return;
    for (size_t k = 0; k < name.length; k++)
        variable[k] = (char)(name.at[k] == '-' ? '_' : toupper(name.at[k]));
    variable[name.length] = '\0';

    for (size_t k = i; k < fields->count; k++)
        if (same_name(fields->list[k].name, name))
            length += (size_t)snprintf(value + length, sizeof value - length,
                                       "%s%.*s", k == i ? "" : separator,
                                       (int)fields->list[k].value.length,
                                       fields->list[k].value.at);
    set(e, "HTTP_%s=%s", variable, value);
}

void environment_make(struct environment *e, const struct connection *c,
                      const char *path, size_t script_length)
{
    const struct request *r = &c->request;
    struct text type = fields_find(&r->fields, "Content-Type");
    const char *info = path + script_length;

    e->count = e->length = 0;
    e->overflow = false;

    // Step 11: what a script is told
    set(e, "GATEWAY_INTERFACE=CGI/1.1");
    set(e, "SERVER_SOFTWARE=%s", SOFTWARE);
    set(e, "SERVER_PROTOCOL=HTTP/1.%d", r->minor > 0 ? 1 : 0);
    set_server(e, c);
    set(e, "REMOTE_ADDR=%s", c->peer);
    set(e, "REMOTE_HOST=%s", c->peer);
    set(e, "REQUEST_METHOD=%s",
        r->method == METHOD_POST   ? "POST"
        : r->method == METHOD_HEAD ? "HEAD"
                                   : "GET");
    set(e, "SCRIPT_NAME=/%.*s", (int)script_length, path);
    set(e, "QUERY_STRING=%.*s", r->query.at ? (int)r->query.length : 0,
        r->query.at ? r->query.at : "");
    if (*info) {
        const char *root = c->server->root_path;
        set(e, "PATH_INFO=%s", info);
        set(e, "PATH_TRANSLATED=%s%s", strcmp(root, "/") == 0 ? "" : root,
            info);
    }
    if (c->body.length > 0)
        set(e, "CONTENT_LENGTH=%llu", (unsigned long long)c->body.length);
    if (type.at)
        set(e, "CONTENT_TYPE=%.*s", (int)type.length, type.at);
    if (r->authority.length > 0) // then the field does not count
        set(e, "HTTP_HOST=%.*s", (int)r->authority.length, r->authority.at);
    for (size_t i = 0; i < r->fields.count; i++) {
        struct text name = r->fields.list[i].name;
        if (passes(name) &&
            (r->authority.length == 0 || !text_is_any_case(name, "Host")))
            set_field(e, &r->fields, i);
    }
}
