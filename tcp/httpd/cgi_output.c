/*
 * tcp/httpd/cgi_output.c -- read what a script prints.
 *
 * Shows:   One poll(2) over all that can happen while a script runs: it prints,
 *          it ends, its time is over, or the client goes away.
 *
 * Read:    poll(2), pipe(7), pidfd_open(2)
 */
#define _GNU_SOURCE // POLLRDHUP
#include "cgi_output.h"

#include <poll.h>
#include <unistd.h>

#include "deadline.h"

#define PROBE_MS 1000         // how often a client that sent FIN is probed
#define PROBE_TIMEOUT_MS 5000 // how long one that cannot be probed is kept

void cgi_output_begin(struct cgi_output *o, struct connection *c,
                      struct script *script)
{
    o->c = c;
    o->script = script;
    o->deadline = now_ms() + c->server->timeout_ms;
    o->client_seen = 0;
    o->responding = false;
    o->bytes = 0;
    o->start = o->end = CHUNK_SIZE_BYTES;
}

size_t cgi_output_room(const struct cgi_output *o)
{
    return CHUNK_SIZE_BYTES + OUTPUT_MAX_BYTES - o->end;
}

// The client has sent FIN. Either it has only shut down its sending side, and
// waits for the response; or it has closed the socket, and then its kernel
// answers whatever is sent with a reset. So something is sent: "100 Continue"
// is allowed at any time before the response.
static bool client_is_connected(struct cgi_output *o)
{
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";

    if (o->client_seen == 0) {
        o->client_seen = now_ms();
        return true;
    }
    if (!o->responding && o->c->request.minor > 0) {
        o->client_seen = now_ms();
        return connection_write(o->c, interim, sizeof interim - 1);
    }
    return now_ms() - o->client_seen < PROBE_TIMEOUT_MS;
}

static enum cgi_event read_output(struct cgi_output *o)
{
    ssize_t n = read(o->script->output, o->text + o->end, cgi_output_room(o));

    if (n <= 0)
        return CGI_FINISHED;
    o->end += (size_t)n;
    o->bytes += (size_t)n;
    return CGI_OUTPUT;
}

// For poll(2): until the deadline, or idle, or the next probe.
static int wait_ms(const struct cgi_output *o, long long idle)
{
    int wait = ms_until(idle < o->deadline ? idle : o->deadline);

    return o->client_seen != 0 && wait > PROBE_MS ? PROBE_MS : wait;
}

enum cgi_event cgi_output_next(struct cgi_output *o, int idle_ms)
{
    long long idle = now_ms() + idle_ms;

    for (;;) {
        // The script comes first: if it has ended by the time poll looks at it,
        // all that it printed is there when poll looks at its output.
        struct pollfd on[] = {
            {.fd = o->script->pidfd, .events = POLLIN},
            {.fd = o->script->output, .events = POLLIN},
            {.fd = o->c->is_socket ? o->c->in : -1,
             .events = o->client_seen != 0 ? 0 : POLLRDHUP},
        };
        if (poll(on, 3, wait_ms(o, idle)) == -1)
            continue; // EINTR: a request that has begun is answered

        if (on[1].revents != 0)
            return read_output(o);
        if (on[0].revents != 0) // its children may keep the pipe open
            return CGI_FINISHED;
        if (on[2].revents & (POLLERR | POLLHUP | POLLNVAL))
            return CGI_CLIENT_GONE;
        if (now_ms() >= o->deadline)
            return CGI_TIMEOUT;
        if (now_ms() >= idle)
            return CGI_IDLE;
        if ((on[2].revents != 0 || o->client_seen != 0) &&
            !client_is_connected(o))
            return CGI_CLIENT_GONE;
    }
}
