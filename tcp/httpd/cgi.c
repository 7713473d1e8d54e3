/*
 * tcp/httpd/cgi.c -- answer with what a script prints.
 *
 * Shows:   What comes before: the script is found in the path, its request body
 *          is read, and it is started. cgi_relay.c has what comes after.
 *
 * Read:    RFC 3875 (CGI/1.1), sections 3.3 and 4.2
 */
#define _GNU_SOURCE // O_PATH
#include "cgi.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi_environment.h"
#include "cgi_relay.h"
#include "open.h"
#include "response.h"
#include "script.h"
#include "upload.h"

// Split the path (RFC 3875, section 3.3): returns the length of its first part,
// which names the script; the rest is PATH_INFO. 0 if there is none, and errno.
// *file is a descriptor of the script.
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
    errno = EACCES; // a directory, or a device, a FIFO, a socket
    return 0;
}

// Start it, with its own directory as the working directory. Returns 0 or an
// errno.
static int start(struct script *s, const struct connection *c, const char *path,
                 size_t length, int file, int input)
{
    struct environment e;
    char name[TARGET_SIZE], directory[TARGET_SIZE];

    snprintf(name, sizeof name, "%.*s", (int)length, path);
    snprintf(directory, sizeof directory, "%s", name);
    *strrchr(directory, '/') = '\0';
    int in = open_public(c->server, directory, true, O_PATH | O_DIRECTORY);
    if (in == -1)
        return errno;
    environment_make(&e, c, path, length);
    int error = e.overflow
                    ? E2BIG
                    : script_start(s, file, in, input, name, e.variables);
    close(in);
    return error;
}

// The script at the first length bytes of the path, run on this input.
static bool run(struct connection *c, char *path, size_t length, int file,
                int input, char *location)
{
    struct script script;
    int error = start(&script, c, path, length, file, input);

    path[length] = '\0';
    if (error == 0)
        return cgi_relay(c, &script, path, location);
    warnx("%s: %s", path,
          error == ENOENT ? "no such interpreter; or does its first line "
                            "end in CR and LF?"
                          : strerror(error));
    respond(c, error == ENOENT ? 500 : status_of_errno(error), NULL, NULL);
    return false;
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

    bool redirected = run(c, path, length, file,
                          input == -1 ? c->server->dev_null : input, location);
    close(file); // not before: an interpreter may have been about to open it
    if (input != -1)
        close(input);
    return redirected;
}
