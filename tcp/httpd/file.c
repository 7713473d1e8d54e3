/*
 * tcp/httpd/file.c -- answer with a file, or with what is in a directory.
 *
 * Shows:   sendfile(2): from the page cache into the socket, without a detour
 *          through this process. What is small goes with the head in a single
 *          write(2) instead, which is cheaper still.
 *
 * Read:    fstat(2), pread(2), sendfile(2)
 */
#define _FILE_OFFSET_BITS 64 // also where a long has 32 bits
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conditions.h"
#include "date.h"
#include "listing.h"
#include "open.h"
#include "response.h"
#include "types.h"

#define WITH_HEAD_BYTES 16384 // of a file, in one write with the head

static const char allowed[] = "GET, HEAD, OPTIONS";

static struct version version_of(const struct stat *s)
{
    struct version v = {
        .modified = s->st_mtim.tv_sec,
        .size = (uint64_t)s->st_size,
    };

    // A file replaced by another of the same size, with its time set back, is
    // still another inode.
    snprintf(v.etag, sizeof v.etag, "\"%llx-%llx-%llx\"",
             (unsigned long long)s->st_ino, (unsigned long long)s->st_size,
             (unsigned long long)s->st_mtim.tv_sec * 1000000000 +
                 (unsigned long long)s->st_mtim.tv_nsec);
    return v;
}

// The head in r, then that part of the file.
static bool send_part(struct connection *c, struct response *r, int file,
                      struct range part)
{
    // Step 9: send the head, and that part, all of it
    if (part.length > WITH_HEAD_BYTES) {
        if (!connection_write_first(c, r->text, r->length))
            return false;
        uint64_t before = c->bytes_queued;
        bool all = connection_write_file(c, file, part.first, part.length);
        c->sent = c->bytes_queued - before;
        return all;
    }
    ssize_t n = pread(file, r->text + r->length, (size_t)part.length,
                      (off_t)part.first);
    if (n == -1)
        n = 0;
    c->sent = (uint64_t)n;
    return connection_write(c, r->text, r->length + (size_t)n) &&
           c->sent == part.length; // or it has become shorter meanwhile
}

static void send_file(struct connection *c, int file, const char *path,
                      const struct stat *s)
{
    struct version v = version_of(s);
    struct range part;
    struct response r;
    time_t now = time(NULL);
    int status = conditions_check(&c->request, &v, now, &part);

    if (status == 412) {
        respond(c, status, NULL, NULL);
        return;
    }
    response_begin(&r, c, status);
    if (status == 416) {
        response_field(&r, "Content-Range", "bytes */%llu",
                       (unsigned long long)v.size);
        part.length = 0;
    } else {
        char modified[DATE_SIZE];
        // Never later than Date, whatever touch(1) has done to the file.
        date_write(modified, v.modified < now ? v.modified : now);
        response_field(&r, "Last-Modified", "%s", modified);
        response_field(&r, "ETag", "%s", v.etag);
        response_field(&r, "Accept-Ranges", "bytes");
    }
    if (status == 206)
        response_field(&r, "Content-Range", "bytes %llu-%llu/%llu",
                       (unsigned long long)part.first,
                       (unsigned long long)(part.first + part.length - 1),
                       (unsigned long long)v.size);
    if (status == 200 || status == 206)
        response_field(&r, "Content-Type", "%s", type_of(path));
    if (status != 304)
        response_field(&r, "Content-Length", "%llu",
                       (unsigned long long)part.length);
    response_end(&r, c);

    // Step 9: not every answer has content
    if (status == 304 || c->request.method == METHOD_HEAD)
        part.length = 0;
    if (!send_part(c, &r, file, part))
        c->keep_alive = false;
}

// The same path with a slash at its end, so that what the page refers to is
// looked for in the directory and not beside it.
static void redirect_to_slash(struct connection *c, const char *path)
{
    char encoded[3 * TARGET_SIZE], url[sizeof encoded + LINE_MAX_BYTES];
    struct text query = c->request.query;

    if (!target_encode(encoded, sizeof encoded, path)) {
        respond(c, 414, NULL, NULL);
        return;
    }
    snprintf(url, sizeof url, "%s%s%s%.*s", encoded, encoded[1] ? "/" : "",
             query.at ? "?" : "", query.at ? (int)query.length : 0,
             query.at ? query.at : "");
    respond(c, 301, NULL, url);
}

static void serve_directory(struct connection *c, const struct target *t,
                            int directory)
{
    char index[TARGET_SIZE + 16];
    struct stat s;

    if (!t->slash) {
        redirect_to_slash(c, t->path);
        close(directory);
        return;
    }
    snprintf(index, sizeof index, "%s/index.html", t->path);
    int file =
        open_public(c->server, index, false, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (file == -1 && errno == ENOENT) {
        listing_send(c, t->path, directory); // and closes it
        return;
    }
    int error = errno;
    close(directory);
    if (file == -1)
        respond(c, status_of_errno(error), NULL, NULL);
    else if (fstat(file, &s) == -1 || !S_ISREG(s.st_mode))
        respond(c, 403, NULL, NULL);
    else
        send_file(c, file, index, &s);
    if (file != -1)
        close(file);
}

void file_serve(struct connection *c, const struct target *t)
{
    struct stat s;

    if (c->request.method == METHOD_OPTIONS) {
        respond(c, 204, allowed, NULL);
        return;
    }
    if (c->request.method != METHOD_GET && c->request.method != METHOD_HEAD) {
        respond(c, 405, allowed, NULL);
        return;
    }
    // O_NONBLOCK: open(2) of a FIFO would wait for a writer.
    // O_NOCTTY: a terminal must not become the controlling one.
    int file = open_public(c->server, t->path, false,
                           O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (file == -1) {
        respond(c, status_of_errno(errno), NULL, NULL);
        return;
    }
    if (fstat(file, &s) == -1) {
        respond(c, 500, NULL, NULL);
    } else if (S_ISDIR(s.st_mode)) {
        serve_directory(c, t, file); // and closes it
        return;
    } else if (!S_ISREG(s.st_mode)) {
        respond(c, 403, NULL, NULL);
    } else if (t->slash) {
        respond(c, 404, NULL, NULL); // "page.html/" is not a directory
    } else {
        send_file(c, file, t->path, &s);
    }
    close(file);
}
