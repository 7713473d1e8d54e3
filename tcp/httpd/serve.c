/*
 * tcp/httpd/serve.c -- answer all that one client asks on one connection.
 *
 * Shows:   One request after the other: its head, what it is for, its body, the
 *          answer, a line in the log. What arrived beyond its end is the
 *          beginning of the next one ("pipelining").
 *
 * Read:    RFC 9112, section 9
 */
#include "serve.h"

#include <sys/socket.h>
#include <unistd.h>

#include "cgi.h"
#include "deadline.h"
#include "file.h"
#include "log.h"
#include "response.h"
#include "upload.h"

#define REDIRECTS_MAX 8 // local ones, for one request

// Have the whole head of a request in the buffer. Returns 0; the status to
// refuse it with; or -1 if the client sent none.
static int read_head(struct connection *c)
{
    long long deadline = 0;
    int refusal;

    // Step 5: read until the head is whole, or its time is over
    for (;;) {
        c->head = request_head_length(c->buffer, c->end, &refusal);
        if (c->head > 0 || refusal != 0)
            return refusal;

        enum arrival arrival;
        if (c->end == 0) {
            arrival = connection_await(c);
        } else {
            // One deadline for the whole head, from its first byte on.
            if (deadline == 0) {
                deadline = now_ms() + c->server->timeout_ms;
                connection_waits(c);
            }
            arrival = connection_read(c, deadline);
        }
        if (arrival == ENDED)
            return -1;
        if (arrival == LATE)
            return c->end > 0 ? 408 : -1;
    }
}

// A path is a file, or a directory, or a script; and a script may answer with a
// local redirect to another path.
static void answer(struct connection *c)
{
    static char location[CGI_HEAD_MAX_BYTES]; // rarely used, and large
    struct request *r = &c->request;

    if (r->of_server) {
        respond(c, 204, "GET, HEAD, POST, OPTIONS", NULL);
        return;
    }
    for (int i = 0; i < REDIRECTS_MAX; i++) {
        struct target t;
        int refusal = target_decode(&t, r->path);
        if (refusal != 0) {
            respond(c, refusal, NULL, NULL);
            return;
        }
        if (!t.script) {
            file_serve(c, &t);
            return;
        }
        if (!cgi_serve(c, &t, location))
            return;

        struct text path = {location, strlen(location)};
        if (!text_cut(&path, '?', &r->path))
            path.at = NULL;
        r->query = path;
        if (r->method != METHOD_HEAD)
            r->method = METHOD_GET;
        c->body.length = 0;
    }
    respond(c, 500, NULL, NULL); // a redirect loop
}

// Refuse a request whose end is unknown.
static void refuse(struct connection *c, int status)
{
    const char *feed = memchr(c->buffer, '\n', c->end);

    if (!c->request.line.at && feed) { // for the log
        size_t length = (size_t)(feed - c->buffer);
        length -= length > 0 && feed[-1] == '\r';
        c->request.line = (struct text){c->buffer, length};
    }
    c->keep_alive = false;
    c->body.state = BODY_BAD;
    respond(c, status, NULL, NULL);
}

// False if there was no request.
static bool serve_one(struct connection *c)
{
    request_clear(&c->request);
    c->awaits_100 = false;
    c->sent = 0;

    int refusal = read_head(c);
    if (refusal == -1)
        return false;
    if (refusal == 0)
        refusal = request_parse(&c->request, (struct text){c->buffer, c->head});
    c->start = c->head;
    c->body = body_of(&c->request);
    connection_busy();
    if (refusal != 0) {
        refuse(c, refusal);
    } else {
        c->awaits_100 = c->request.expects_100 && c->body.state != BODY_DONE;
        c->keep_alive = c->request.keep_alive;
        answer(c);
        if (c->keep_alive && !upload_discard(c))
            c->keep_alive = false;
    }
    log_request(c);
    return true;
}

void serve(struct connection *c)
{
    // Step 4: answer one request after the other, whatever came with it
    do {
        // The next request, or its beginning.
        memmove(c->buffer, c->buffer + c->start, c->end - c->start);
        c->end -= c->start;
        c->start = c->head = 0;
    } while (serve_one(c) && c->keep_alive);
    connection_end(c);
}

void serve_refusal(int connection)
{
    static const char refusal[] = "HTTP/1.1 503 Service Unavailable\r\n"
                                  "Retry-After: 1\r\n"
                                  "Content-Length: 0\r\n"
                                  "Connection: close\r\n\r\n";
    char request[4096];

    // What has arrived is read, or closing would be a reset.
    while (recv(connection, request, sizeof request, MSG_DONTWAIT) > 0)
        ;
    send(connection, refusal, sizeof refusal - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}
