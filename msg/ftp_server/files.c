/*
 * msg/ftp_server/files.c -- the folder that is served, and the worker.
 */
#define _GNU_SOURCE // O_PATH
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "files.h"

int files_root = -1;
int files_worker = -1;
static char root_path[PATH_MAX];

bool files_set_root(const char *path)
{
    return realpath(path, root_path) != NULL;
}

static bool reopen(int *fd, const char *path, int flags)
{
    int opened = open(path, O_PATH | O_CLOEXEC | flags);

    if (opened == -1) {
        syslog(LOG_ERR, "%s: %s", path, strerror(errno));
        return false;
    }
    if (*fd != -1)
        close(*fd);
    *fd = opened;
    return true;
}

bool files_open(void)
{
    char path[PATH_MAX + 16] = "";

    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
    char *name = n > 0 ? strrchr(path, '/') : NULL;
    if (name)
        memcpy(name, "/ftp_worker", sizeof "/ftp_worker");
    return reopen(&files_root, root_path, O_DIRECTORY) &&
           reopen(&files_worker, path, 0);
}
