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
#include "clock.h"
#include "open.h"
#include "response.h"
#include "script.h"
#include "upload.h"

#define PIECE_BYTES 32768
#define ROOM_BYTES 16 // in front of a piece, for the size of a chunk
#define PRINTED_MAX_BYTES (64ULL << 20)
#define QUIET_MS 10       // then what there is goes out
#define ASK_MS 1000       // how often a client is asked whether it is there
#define HALF_OPEN_MS 5000 // how long one that cannot be asked is believed to be

struct run {
    struct connection *c;
    struct script script;
    struct cgi_response answer;
    bool no_body;        // the answer has none: HEAD, or a status without
    bool answering;      // its head is on its way
    bool chunked;        // its body is sent in chunks
    long long deadline;  // for the script; what its client takes is added
    long long half_open; // when the client, who sends no more, was last seen
    uint64_t printed;    // bytes so far
    size_t start, end;   // what of them is in text, and not sent yet
    char text[ROOM_BYTES + PIECE_BYTES + 2];
};

static void run_begin(struct run *run, struct connection *c)
{
    run->c = c;
    run->script = (struct script){.watch = -1, .output = -1};
    run->no_body = run->answering = run->chunked = false;
    run->deadline = now_ms() + c->server->timeout_ms;
    run->half_open = 0;
    run->printed = 0;
    run->start = run->end = ROOM_BYTES;
}

enum event {
    PRINTED = 1, // there is more in text
    QUIET,       // nothing happened for as long as was asked for
    FINISHED,    // there will not be any more
    OVERDUE,     // the script has had its time
    ABANDONED,   // nobody is there to read the answer
};

// The client has closed its side. Either it has said all it had to say, and
// waits; or it is gone: the same FIN says both. But who is gone answers the
// next bytes with a reset, and "100 Continue" may be said at any time before
// the answer.
static bool is_there(struct run *run)
{
    static const char hello[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct connection *c = run->c;

    if (run->half_open == 0) {
        run->half_open = now_ms();
        return true;
    }
    if (!run->answering && c->request.minor > 0) {
        run->half_open = now_ms();
        return connection_write(c, hello, sizeof hello - 1);
    }
    return now_ms() - run->half_open < HALF_OPEN_MS;
}

// Read more of what the script prints, if there is room for it.
static enum event next_event(struct run *run, int quiet_ms)
{
    struct connection *c = run->c;
    size_t room = ROOM_BYTES + PIECE_BYTES - run->end;
    long long quiet = now_ms() + quiet_ms;

    for (;;) {
        // The script first: if it has ended by now, all that it printed is
        // there when poll comes to look at its output.
        struct pollfd on[] = {
            {.fd = run->script.watch, .events = POLLIN},
            {.fd = run->script.output, .events = POLLIN},
            {.fd = c->is_socket ? c->in : -1,
             .events = run->half_open ? 0 : POLLRDHUP},
        };
        int wait = ms_until(quiet < run->deadline ? quiet : run->deadline);
        if (run->half_open && wait > ASK_MS)
            wait = ASK_MS;
        if (poll(on, 3, wait) == -1)
            continue; // EINTR: we are to end, but not in the middle of this

        if (on[1].revents != 0) {
            ssize_t n = read(run->script.output, run->text + run->end, room);
            if (n <= 0)
                return FINISHED;
            run->end += (size_t)n;
            run->printed += (size_t)n;
            return PRINTED;
        }
        if (on[0].revents != 0)
            return FINISHED; // others may have its output open: no matter
        if (on[2].revents & (POLLERR | POLLHUP | POLLNVAL))
            return ABANDONED;
        if (now_ms() >= run->deadline)
            return OVERDUE;
        if (now_ms() >= quiet)
            return QUIET;
        if ((on[2].revents != 0 || run->half_open) && !is_there(run))
            return ABANDONED;
    }
}

// The head of our answer: the script's fields, without those that are ours.
static void make_head(struct run *run, bool finished, struct response *r)
{
    const struct cgi_response *answer = &run->answer;
    struct connection *c = run->c;

    response_begin_as(r, c, answer->status, answer->reason);
    for (size_t i = 0; i < answer->fields.count; i++)
        if (cgi_response_passes(answer->fields.list[i].name))
            response_pass(r, &answer->fields.list[i]);

    bool bare = answer->status == 204 || answer->status == 304;
    if (answer->has_length && !bare)
        response_field(r, "Content-Length", "%llu",
                       (unsigned long long)answer->length);
    else if (!run->no_body && finished)
        response_field(r, "Content-Length", "%zu", run->end - run->start);
    else if (!run->no_body && c->request.minor > 0) {
        run->chunked = true;
        response_field(r, "Transfer-Encoding", "chunked");
    } else if (!run->no_body) {
        c->keep_alive = false; // the connection's end is the body's
    }
    response_end(r, c);
}

// Send the piece in text, never more than the script has promised.
static bool send_piece(struct run *run)
{
    struct connection *c = run->c;
    char *piece = run->text + run->start;
    size_t count = run->end - run->start;
    long long before = now_ms();

    run->start = run->end = ROOM_BYTES;
    if (run->answer.has_length && count > run->answer.length - c->sent)
        count = (size_t)(run->answer.length - c->sent);
    if (count == 0 || run->no_body)
        return true;
    c->sent += count;
    if (run->chunked) {
        char size[ROOM_BYTES];
        size_t n = (size_t)snprintf(size, sizeof size, "%zx\r\n", count);
        piece[count] = '\r';
        piece[count + 1] = '\n';
        piece -= n;
        memcpy(piece, size, n);
        count += n + 2;
    }
    bool sent = connection_write(c, piece, count);
    run->deadline += now_ms() - before;
    if (run->half_open != 0)
        run->half_open = now_ms(); // it was there for this
    return sent;
}

// The script is not to be heard any more; the client has not been answered.
static void give_up(struct run *run, const char *name, int status,
                    const char *why)
{
    warnx("%s: %s", name, why);
    respond(run->c, status, NULL, NULL);
}

static void abandon(struct run *run)
{
    run->c->status = 499; // for the log: nobody will ever see it
    run->c->keep_alive = false;
}

// Pass on what the script prints until it has ended or has to. The last event.
static enum event pass_on(struct run *run, enum event event)
{
    while (event == PRINTED || event == QUIET) {
        if (run->answer.has_length && run->c->sent == run->answer.length)
            return FINISHED; // whatever else it may have to say
        if (run->printed > PRINTED_MAX_BYTES)
            return event;
        event = next_event(run, INT_MAX);
        if (event == PRINTED && !send_piece(run))
            return ABANDONED;
    }
    return event;
}

// Answer; all that the script has to say is in text already, or it goes on.
static void send_answer(struct run *run, const char *name, enum event event)
{
    struct connection *c = run->c;
    struct response r;
    bool running = event != FINISHED;
    bool well = true;

    make_head(run, !running, &r);
    run->answering = true;
    if (!connection_write(c, r.text, r.length) || !send_piece(run))
        event = ABANDONED;
    else if (!run->no_body)
        event = pass_on(run, event);
    if (running && event == FINISHED)
        well = script_end(&run->script);
    else if (running)
        script_kill(&run->script);
    if (run->no_body && event != ABANDONED)
        return;

    const char *fault = event == OVERDUE     ? "took too long"
                        : event == ABANDONED ? "the client is gone"
                        : event != FINISHED  ? "printed too much"
                        : !well              ? "crashed"
                        : run->answer.has_length && c->sent < run->answer.length
                            ? "did not print all it promised"
                            : NULL;
    // What has begun cannot be taken back. That it is not whole can be seen by
    // the connection, which ends before it should.
    if (fault)
        warnx("%s: %s", name, fault);
    if (fault || (run->chunked && !connection_write(c, "0\r\n\r\n", 5)))
        c->keep_alive = false;
}

// The script is running: listen to it. True if it wants another path answered.
static bool hear(struct run *run, const char *name, char *location)
{
    struct connection *c = run->c;
    struct cgi_response *answer = &run->answer;
    enum event event;
    size_t head;

    do {
        event = next_event(run, INT_MAX);
        head = cgi_response_head_length(run->text + run->start,
                                        run->end - run->start);
    } while (event == PRINTED && head == 0 &&
             run->end - run->start < CGI_HEAD_MAX_BYTES);

    bool good =
        head > 0 && head <= CGI_HEAD_MAX_BYTES &&
        cgi_response_parse(answer, (struct text){run->text + run->start, head});
    run->start += head;
    run->no_body = c->request.method == METHOD_HEAD ||
                   (good && (answer->status == 204 || answer->status == 304));

    // With a little patience all of it will be there, and its length is known.
    while (good && event == PRINTED && run->end < sizeof run->text - 2)
        event = next_event(run, QUIET_MS);

    bool well = true;
    if (event == FINISHED)
        well = script_end(&run->script);
    else if (event == OVERDUE || event == ABANDONED || !good || answer->local)
        script_kill(&run->script);

    if (event == ABANDONED)
        abandon(run);
    else if (event == OVERDUE)
        give_up(run, name, 504, "took too long");
    else if (!good)
        give_up(run, name, 502, "did not print a valid head");
    else if (!well)
        give_up(run, name, 502, "crashed");
    else if (answer->local) {
        memcpy(location, answer->location.at, answer->location.length);
        location[answer->location.length] = '\0';
        return true;
    } else if (event == FINISHED && !run->no_body && answer->has_length &&
               run->end - run->start < answer->length)
        give_up(run, name, 502, "did not print all it promised");
    else
        send_answer(run, name, event);
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
static int start(struct run *run, const char *path, size_t length, int file,
                 int input)
{
    struct environment e;
    char script[TARGET_SIZE], folder[TARGET_SIZE];

    snprintf(script, sizeof script, "%.*s", (int)length, path);
    snprintf(folder, sizeof folder, "%s", script);
    *strrchr(folder, '/') = '\0';
    int in = open_public(run->c->server, folder, true, O_PATH | O_DIRECTORY);
    if (in == -1)
        return errno;
    environment_make(&e, run->c, path, length);
    int error = e.overflow ? E2BIG
                           : script_start(&run->script, file, in, input, script,
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
    if (c->request.method == METHOD_POST && !c->request.chunked &&
        !c->request.has_length)
        refusal = 411;
    else if (c->body.state != BODY_DONE)
        refusal = upload_receive(c, &input);
    if (refusal != 0) {
        close(file);
        c->keep_alive = false;
        respond(c, refusal, NULL, NULL);
        return false;
    }

    struct run run; // not cleared: most of its text will never be used
    run_begin(&run, c);
    bool elsewhere = false;
    int error = start(&run, path, length, file,
                      input == -1 ? c->server->nothing : input);
    path[length] = '\0';
    if (error != 0) {
        warnx("%s: %s", path, strerror(error));
        respond(c, error == ENOENT ? 500 : status_of_errno(error), NULL, NULL);
    } else {
        elsewhere = hear(&run, path, location);
    }
    close(file); // not before: an interpreter may have been about to open it
    if (input != -1)
        close(input);
    return elsewhere;
}
