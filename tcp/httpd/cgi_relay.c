/*
 * tcp/httpd/cgi_relay.c -- make a response of what a script prints.
 *
 * Shows:   A length that is known only in the end. If the script ends at once,
 *          all of its output is in memory and can be counted; otherwise it is
 *          sent in chunks, or, to HTTP/1.0, until the connection ends.
 *
 * Read:    RFC 3875, section 6; RFC 9112, section 6.3
 */
#include "cgi_relay.h"

#include <err.h>
#include <limits.h>
#include <stdio.h>

#include "cgi_output.h"
#include "deadline.h"
#include "response.h"

#define IDLE_MS 10 // after which the output so far is sent

struct relay {
    struct cgi_output output;
    struct cgi_response response; // the head, as the script printed it
    const char *name;             // of the script, for messages
    bool no_body;                 // HEAD, or a status without a body
    bool chunked;                 // the body is sent in chunks
};

// The head of the response: the script's fields, without those that the server
// sets.
static void make_head(struct relay *r, bool finished, struct response *head)
{
    const struct cgi_response *response = &r->response;
    struct connection *c = r->output.c;

    response_begin_as(head, c, response->status, response->reason);
    for (size_t i = 0; i < response->fields.count; i++)
        if (cgi_response_passes(response->fields.list[i].name))
            response_pass(head, &response->fields.list[i]);

    if (response->has_length && !status_has_no_body(response->status))
        response_field(head, "Content-Length", "%llu",
                       (unsigned long long)response->length);
    else if (!r->no_body && finished)
        response_field(head, "Content-Length", "%zu",
                       r->output.end - r->output.start);
    else if (!r->no_body && c->request.minor > 0) {
        r->chunked = true;
        response_field(head, "Transfer-Encoding", "chunked");
    } else if (!r->no_body) {
        c->keep_alive = false; // the end of the connection ends the body
    }
    response_end(head, c);
}

// Send the output that is in memory, at most the Content-Length in total.
static bool send_output(struct relay *r)
{
    struct cgi_output *o = &r->output;
    struct connection *c = o->c;
    char *data = o->text + o->start;
    size_t count = o->end - o->start;
    long long before = now_ms();

    o->start = o->end = CHUNK_SIZE_BYTES;
    if (r->response.has_length && count > r->response.length - c->sent)
        count = (size_t)(r->response.length - c->sent);
    if (count == 0 || r->no_body)
        return true;
    c->sent += count;
    if (r->chunked) {
        char size[CHUNK_SIZE_BYTES];
        size_t n = (size_t)snprintf(size, sizeof size, "%zx\r\n", count);
        data[count] = '\r';
        data[count + 1] = '\n';
        data -= n;
        memcpy(data, size, n);
        count += n + 2;
    }
    bool sent = connection_write(c, data, count);
    o->deadline += now_ms() - before; // the client's time is not the script's
    if (o->client_seen != 0)
        o->client_seen = now_ms();
    return sent;
}

// Nothing has been sent yet: answer with an error.
static void fail(struct relay *r, int status, const char *why)
{
    warnx("%s: %s", r->name, why);
    respond(r->output.c, status, NULL, NULL);
}

static void client_gone(struct connection *c)
{
    c->status = 499; // in the log only
    c->keep_alive = false;
}

// Send the output until the script has ended. Returns the last event;
// CGI_OUTPUT if it printed too much.
static enum cgi_event relay_body(struct relay *r, enum cgi_event event)
{
    struct connection *c = r->output.c;

    while (event == CGI_OUTPUT || event == CGI_IDLE) {
        if (r->response.has_length && c->sent == r->response.length)
            return CGI_FINISHED; // what follows is ignored
        if (r->output.bytes > c->server->output_max)
            return CGI_OUTPUT;
        event = cgi_output_next(&r->output, INT_MAX);
        if (event == CGI_OUTPUT && !send_output(r))
            return CGI_CLIENT_GONE;
    }
    return event;
}

// What is wrong with the body that was sent; NULL if nothing is.
static const char *find_fault(const struct relay *r, enum cgi_event event,
                              bool ok)
{
    if (event == CGI_TIMEOUT)
        return "took too long";
    if (event == CGI_CLIENT_GONE)
        return "the client is gone";
    if (event != CGI_FINISHED)
        return "printed too much";
    if (!ok)
        return "crashed";
    if (r->response.has_length && r->output.c->sent < r->response.length)
        return "did not print all it promised";
    return NULL;
}

// The end of the body. One that is not complete cannot be taken back: that the
// connection ends before the body does tells the client.
static void end_body(struct relay *r, const char *fault)
{
    struct connection *c = r->output.c;

    if (fault)
        warnx("%s: %s", r->name, fault);
    if (fault && !r->chunked && !r->response.has_length)
        connection_reset(c); // HTTP/1.0 has no other sign
    if (fault || (r->chunked && !connection_write(c, "0\r\n\r\n", 5)))
        c->keep_alive = false;
}

// Send the head and the body; the script goes on meanwhile, unless it has
// finished.
static void send_response(struct relay *r, enum cgi_event event)
{
    struct connection *c = r->output.c;
    struct response head;
    bool running = event != CGI_FINISHED;
    bool ok = true;

    make_head(r, !running, &head);
    r->output.responding = true;
    if (!connection_write(c, head.text, head.length) || !send_output(r))
        event = CGI_CLIENT_GONE;
    else if (!r->no_body)
        event = relay_body(r, event);
    if (running && event == CGI_FINISHED)
        ok = script_end(r->output.script);
    else if (running)
        script_kill(r->output.script);
    if (!r->no_body || event == CGI_CLIENT_GONE)
        end_body(r, find_fault(r, event, ok));
}

// Read to the end of the head. False if what the script prints has none.
static bool read_head(struct relay *r, enum cgi_event *event)
{
    struct cgi_output *o = &r->output;
    size_t length;

    do {
        *event = cgi_output_next(o, INT_MAX);
        length =
            cgi_response_head_length(o->text + o->start, o->end - o->start);
    } while (*event == CGI_OUTPUT && length == 0 &&
             o->end - o->start < CGI_HEAD_MAX_BYTES);

    struct text head = {o->text + o->start, length};
    o->start += length;
    return length > 0 && length <= CGI_HEAD_MAX_BYTES &&
           cgi_response_parse(&r->response, head);
}

static bool is_incomplete(const struct relay *r)
{
    return !r->no_body && r->response.has_length &&
           r->output.end - r->output.start < r->response.length;
}

bool cgi_relay(struct connection *c, struct script *script, const char *name,
               char location[static CGI_HEAD_MAX_BYTES])
{
    struct relay r; // not cleared: most of its text is never used
    enum cgi_event event;

    cgi_output_begin(&r.output, c, script);
    r.name = name;
    r.chunked = false;
    bool valid = read_head(&r, &event);
    r.no_body = c->request.method == METHOD_HEAD ||
                (valid && status_has_no_body(r.response.status));
    // If the rest comes at once, its length is known.
    while (valid && event == CGI_OUTPUT && cgi_output_room(&r.output) > 0)
        event = cgi_output_next(&r.output, IDLE_MS);

    bool redirect = valid && r.response.local_redirect, ok = true;
    if (event == CGI_FINISHED)
        ok = script_end(script);
    else if (!valid || redirect || event == CGI_TIMEOUT ||
             event == CGI_CLIENT_GONE)
        script_kill(script);

    if (event == CGI_CLIENT_GONE)
        client_gone(c);
    else if (event == CGI_TIMEOUT)
        fail(&r, 504, "took too long");
    else if (!valid)
        fail(&r, 502, "did not print a valid head");
    else if (!ok)
        fail(&r, 502, "crashed");
    else if (redirect) {
        memcpy(location, r.response.location.at, r.response.location.length);
        location[r.response.location.length] = '\0';
        return true;
    } else if (event == CGI_FINISHED && is_incomplete(&r))
        fail(&r, 502, "did not print all it promised");
    else
        send_response(&r, event);
    return false;
}
