/*
 * tcp/httpd/open.c -- open what a path names under the root, and nothing else.
 *
 * Shows:   To check a path and then to open it are two steps, and between them
 *          another process can put a symbolic link there. openat2(2) does
 *          both at once: with RESOLVE_BENEATH the kernel itself does not
 *          leave the directory, by "..", by a link, or by a rename in
 *          between. /proc then tells the real name of what is open.
 *
 * Read:    openat2(2), symlink(7), proc(5)
 */
#define _GNU_SOURCE // O_PATH
#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "../../common/beneath.h"
#include "target.h"

// The real path of what is open.
static bool read_path(int fd, char path[static PATH_MAX])
{
    char link[32];

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    if (n == -1)
        return false;
    path[n] = '\0';
    return true;
}

// What follows the top directory in the path; NULL if the path is not in there.
static const char *inside(const char *top, const char *path)
{
    size_t length = strcmp(top, "/") == 0 ? 0 : strlen(top);

    if (strncmp(path, top, length) != 0 ||
        (path[length] != '/' && path[length] != '\0'))
        return NULL;
    return path + length;
}

// A link may stay inside the root and still lead to what is not to be shown: to
// a script, or to a name with a dot.
static bool is_allowed(const struct server *server, int fd, bool script)
{
    static char renamed[PATH_MAX]; // the root, since we were started
    char path[PATH_MAX];

    if (!read_path(fd, path))
        return false;
    const char *rest = inside(server->root_path, path);
    if (!rest && read_path(server->root, renamed))
        rest = inside(renamed, path);
    if (!rest)
        return false;
    if (*rest == '\0') // the root itself
        return !script;
    return is_public(rest + 1) && is_script(rest + 1) == script;
}

// Without any link in the path: then it is the real one. Most are.
static int open_without_links(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned)flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    if (!(flags & O_PATH))
        how.flags |= O_LARGEFILE; // what libc's open adds by itself
    return openat2(root, path, &how, sizeof how);
}

int open_public(const struct server *server, const char *path, bool script,
                int flags)
{
    int fd = open_without_links(server->root, path, flags);

    if (fd != -1 || (errno != ELOOP && errno != EAGAIN && errno != ENOSYS))
        return fd;
    fd = open_beneath(server->root, path, flags | O_CLOEXEC, 0);
    if (fd != -1 && !is_allowed(server, fd, script)) {
        close(fd);
        fd = -1;
        errno = EACCES;
    }
    return fd;
}

int status_of_errno(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
        return 404;
    case EACCES:
    case EPERM:
    case EXDEV: // a link that leads out of the root
    case ELOOP:
    case ENXIO: // a socket, or a device that is not there
    case ENODEV:
        return 403;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
        return 503;
    default:
        return 500;
    }
}
