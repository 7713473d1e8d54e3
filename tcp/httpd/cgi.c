/*
 * tcp/httpd/cgi.c -- answer with what a script prints.
 *
 * Shows:   One poll(2) over all that can happen while a script runs: it prints,
 *          it ends, it takes too long, or the client goes away.
 *
 * Read:    RFC 3875 (CGI/1.1), poll(2), pipe(7)
 */
#define _GNU_SOURCE // POLLRDHUP, O_PATH
#include "cgi.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi_environment.h"
#include "deadline.h"
#include "open.h"
#include "response.h"
#include "script.h"
#include "upload.h"

#define PIECE_BYTES 32768
#define ROOM_BYTES 16     // in front of a piece, for the size of a chunk
#define IDLE_MS 10        // then what there is goes out
#define ASK_MS 1000       // how often a client is asked whether it is there
#define HALF_OPEN_MS 5000 // how long one that cannot be asked is believed to be

struct job {
    struct connection *c;
    struct script script;
    struct cgi_response answer;
    bool no_body;          // the answer has none: HEAD, or a status without
    bool answering;        // its head is on its way
    bool chunked;          // its body is sent in chunks
    long long deadline;    // for the script; what its client takes is added
    long long half_open;   // when the client, who sends no more, was last seen
    uint64_t output_bytes; // bytes so far
    size_t start, end;     // what of them is in text, and not sent yet
    char text[ROOM_BYTES + PIECE_BYTES + 2];
};

static void job_begin(struct job *job, struct connection *c)
{
    job->c = c;
    job->script = (struct script){.pidfd = -1, .output = -1};
    job->no_body = job->answering = job->chunked = false;
    job->deadline = now_ms() + c->server->timeout_ms;
    job->half_open = 0;
    job->output_bytes = 0;
    job->start = job->end = ROOM_BYTES;
}

enum event {
    OUTPUT = 1,  // there is more in text
    IDLE,        // nothing happened for as long as was asked for
    FINISHED,    // there will not be any more
    TIMEOUT,     // the script has had its time
    CLIENT_GONE, // nobody is there to read the answer
};

// The client has closed its side. Either it has said all it had to say, and
// waits; or it is gone: the same FIN says both. But who is gone answers the
// next bytes with a reset, and "100 Continue" may be said at any time before
// the answer.
static bool client_is_there(struct job *job)
{
    static const char hello[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct connection *c = job->c;

    if (job->half_open == 0) {
        job->half_open = now_ms();
        return true;
    }
    if (!job->answering && c->request.minor > 0) {
        job->half_open = now_ms();
        return connection_write(c, hello, sizeof hello - 1);
    }
    return now_ms() - job->half_open < HALF_OPEN_MS;
}

// Read more of what the script prints, if there is room for it.
static enum event next_event(struct job *job, int idle_ms)
{
    struct connection *c = job->c;
    size_t room = ROOM_BYTES + PIECE_BYTES - job->end;
    long long idle = now_ms() + idle_ms;

    for (;;) {
        // The script first: if it has ended by now, all that it printed is
        // there when poll comes to look at its output.
        struct pollfd on[] = {
            {.fd = job->script.pidfd, .events = POLLIN},
            {.fd = job->script.output, .events = POLLIN},
            {.fd = c->is_socket ? c->in : -1,
             .events = job->half_open ? 0 : POLLRDHUP},
        };
        int wait = ms_until(idle < job->deadline ? idle : job->deadline);
        if (job->half_open && wait > ASK_MS)
            wait = ASK_MS;
        if (poll(on, 3, wait) == -1)
            continue; // EINTR: we are to end, but not in the middle of this

        if (on[1].revents != 0) {
            ssize_t n = read(job->script.output, job->text + job->end, room);
            if (n <= 0)
                return FINISHED;
            job->end += (size_t)n;
            job->output_bytes += (size_t)n;
            return OUTPUT;
        }
        if (on[0].revents != 0)
            return FINISHED; // others may have its output open: no matter
        if (on[2].revents & (POLLERR | POLLHUP | POLLNVAL))
            return CLIENT_GONE;
        if (now_ms() >= job->deadline)
            return TIMEOUT;
        if (now_ms() >= idle)
            return IDLE;
        if ((on[2].revents != 0 || job->half_open) && !client_is_there(job))
            return CLIENT_GONE;
    }
}

// The head of our answer: the script's fields, without those that are ours.
static void make_head(struct job *job, bool finished, struct response *r)
{
    const struct cgi_response *answer = &job->answer;
    struct connection *c = job->c;

    response_begin_as(r, c, answer->status, answer->reason);
    for (size_t i = 0; i < answer->fields.count; i++)
        if (cgi_response_passes(answer->fields.list[i].name))
            response_pass(r, &answer->fields.list[i]);

    bool bare = answer->status == 204 || answer->status == 304;
    if (answer->has_length && !bare)
        response_field(r, "Content-Length", "%llu",
                       (unsigned long long)answer->length);
    else if (!job->no_body && finished)
        response_field(r, "Content-Length", "%zu", job->end - job->start);
    else if (!job->no_body && c->request.minor > 0) {
        job->chunked = true;
        response_field(r, "Transfer-Encoding", "chunked");
    } else if (!job->no_body) {
        c->keep_alive = false; // the connection's end is the body's
    }
    response_end(r, c);
}

// Send the piece in text, never more than the script has promised.
static bool send_piece(struct job *job)
{
    struct connection *c = job->c;
    char *piece = job->text + job->start;
    size_t count = job->end - job->start;
    long long before = now_ms();

    job->start = job->end = ROOM_BYTES;
    if (job->answer.has_length && count > job->answer.length - c->sent)
        count = (size_t)(job->answer.length - c->sent);
    if (count == 0 || job->no_body)
        return true;
    c->sent += count;
    if (job->chunked) {
        char size[ROOM_BYTES];
        size_t n = (size_t)snprintf(size, sizeof size, "%zx\r\n", count);
        piece[count] = '\r';
        piece[count + 1] = '\n';
        piece -= n;
        memcpy(piece, size, n);
        count += n + 2;
    }
    bool sent = connection_write(c, piece, count);
    job->deadline += now_ms() - before;
    if (job->half_open != 0)
        job->half_open = now_ms(); // it was there for this
    return sent;
}

// The script is not to be heard any more; the client has not been answered.
static void fail(struct job *job, const char *name, int status, const char *why)
{
    warnx("%s: %s", name, why);
    respond(job->c, status, NULL, NULL);
}

static void client_gone(struct job *job)
{
    job->c->status = 499; // for the log: nobody will ever see it
    job->c->keep_alive = false;
}

// Pass on what the script prints until it has ended or has to. The last event.
static enum event relay_body(struct job *job, enum event event)
{
    while (event == OUTPUT || event == IDLE) {
        if (job->answer.has_length && job->c->sent == job->answer.length)
            return FINISHED; // whatever else it may have to say
        if (job->output_bytes > job->c->server->output_max)
            return event;
        event = next_event(job, INT_MAX);
        if (event == OUTPUT && !send_piece(job))
            return CLIENT_GONE;
    }
    return event;
}

// Answer; all that the script has to say is in text already, or it goes on.
static void send_answer(struct job *job, const char *name, enum event event)
{
    struct connection *c = job->c;
    struct response r;
    bool running = event != FINISHED;
    bool ok = true;

    make_head(job, !running, &r);
    job->answering = true;
    if (!connection_write(c, r.text, r.length) || !send_piece(job))
        event = CLIENT_GONE;
    else if (!job->no_body)
        event = relay_body(job, event);
    if (running && event == FINISHED)
        ok = script_end(&job->script);
    else if (running)
        script_kill(&job->script);
    if (job->no_body && event != CLIENT_GONE)
        return;

    const char *fault = event == TIMEOUT       ? "took too long"
                        : event == CLIENT_GONE ? "the client is gone"
                        : event != FINISHED    ? "printed too much"
                        : !ok                  ? "crashed"
                        : job->answer.has_length && c->sent < job->answer.length
                            ? "did not print all it promised"
                            : NULL;
    // What has begun cannot be taken back. That it is not whole can be seen by
    // the connection, which ends before it should.
    if (fault)
        warnx("%s: %s", name, fault);
    if (fault && !job->chunked && !job->answer.has_length)
        connection_reset(c); // HTTP/1.0 has no other way to see it
    if (fault || (job->chunked && !connection_write(c, "0\r\n\r\n", 5)))
        c->keep_alive = false;
}

// The script is running: listen to it. True if it wants another path answered.
static bool run_script(struct job *job, const char *name, char *location)
{
    struct connection *c = job->c;
    struct cgi_response *answer = &job->answer;
    enum event event;
    size_t head;

    do {
        event = next_event(job, INT_MAX);
        head = cgi_response_head_length(job->text + job->start,
                                        job->end - job->start);
    } while (event == OUTPUT && head == 0 &&
             job->end - job->start < CGI_HEAD_MAX_BYTES);

    bool valid =
        head > 0 && head <= CGI_HEAD_MAX_BYTES &&
        cgi_response_parse(answer, (struct text){job->text + job->start, head});
    job->start += head;
    job->no_body = c->request.method == METHOD_HEAD ||
                   (valid && (answer->status == 204 || answer->status == 304));

    // With a little patience all of it will be there, and its length is known.
    while (valid && event == OUTPUT && job->end < sizeof job->text - 2)
        event = next_event(job, IDLE_MS);

    bool ok = true;
    if (event == FINISHED)
        ok = script_end(&job->script);
    else if (event == TIMEOUT || event == CLIENT_GONE || !valid ||
             answer->local_redirect)
        script_kill(&job->script);

    if (event == CLIENT_GONE)
        client_gone(job);
    else if (event == TIMEOUT)
        fail(job, name, 504, "took too long");
    else if (!valid)
        fail(job, name, 502, "did not print a valid head");
    else if (!ok)
        fail(job, name, 502, "crashed");
    else if (answer->local_redirect) {
        memcpy(location, answer->location.at, answer->location.length);
        location[answer->location.length] = '\0';
        return true;
    } else if (event == FINISHED && !job->no_body && answer->has_length &&
               job->end - job->start < answer->length)
        fail(job, name, 502, "did not print all it promised");
    else
        send_answer(job, name, event);
    return false;
}

// How much of the path names the script: what follows it is for the script. 0
// if there is none; then errno says why. *file is a descriptor of it.
static size_t find_script(const struct server *server, const char *path,
                          int *file)
{
    char part[TARGET_SIZE];
    size_t length = sizeof "cgi-bin" - 1;
    struct stat s;

    while (path[length] != '\0') {
        length += 1 + strcspn(path + length + 1, "/");
        memcpy(part, path, length);
        part[length] = '\0';
        *file = open_public(server, part, true, O_PATH);
        if (*file == -1)
            return 0;
        if (fstat(*file, &s) == 0 && S_ISREG(s.st_mode))
            return length;
        close(*file);
        if (!S_ISDIR(s.st_mode))
            break;
    }
    errno = EACCES; // a folder, or something that cannot be run
    return 0;
}

// Start it, in the folder in which it is.
static int start(struct job *job, const char *path, size_t length, int file,
                 int input)
{
    struct environment e;
    char script[TARGET_SIZE], folder[TARGET_SIZE];

    snprintf(script, sizeof script, "%.*s", (int)length, path);
    snprintf(folder, sizeof folder, "%s", script);
    *strrchr(folder, '/') = '\0';
    int in = open_public(job->c->server, folder, true, O_PATH | O_DIRECTORY);
    if (in == -1)
        return errno;
    environment_make(&e, job->c, path, length);
    int error = e.overflow ? E2BIG
                           : script_start(&job->script, file, in, input, script,
                                          e.variables);
    close(in);
    return error;
}

bool cgi_serve(struct connection *c, const struct target *t,
               char location[static CGI_HEAD_MAX_BYTES])
{
    static const char allowed[] = "GET, HEAD, POST, OPTIONS";
    char path[TARGET_SIZE + 1];
    int file, input = -1;

    if (c->request.method == METHOD_OPTIONS) {
        respond(c, 204, allowed, NULL);
        return false;
    }
    if (c->request.method == METHOD_OTHER) {
        respond(c, 405, allowed, NULL);
        return false;
    }
    snprintf(path, sizeof path, "%s%s", t->path, t->slash ? "/" : "");
    size_t length = find_script(c->server, t->path, &file);
    if (length == 0) {
        respond(c, status_of_errno(errno), NULL, NULL);
        return false;
    }
    int refusal = 0;
    if (c->body.state != BODY_DONE)
        refusal = upload_receive(c, &input);
    if (refusal != 0) {
        close(file);
        c->keep_alive = false;
        respond(c, refusal, NULL, NULL);
        return false;
    }

    struct job job; // not cleared: most of its text will never be used
    job_begin(&job, c);
    bool redirected = false;
    int error = start(&job, path, length, file,
                      input == -1 ? c->server->dev_null : input);
    path[length] = '\0';
    if (error != 0) {
        warnx("%s: %s", path,
              error == ENOENT ? "no such interpreter; or does its first line "
                                "end in CR and LF?"
                              : strerror(error));
        respond(c, error == ENOENT ? 500 : status_of_errno(error), NULL, NULL);
    } else {
        redirected = run_script(&job, path, location);
    }
    close(file); // not before: an interpreter may have been about to open it
    if (input != -1)
        close(input);
    return redirected;
}
