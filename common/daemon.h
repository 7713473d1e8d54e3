/*
 * common/daemon.h -- the steps by which a program becomes a daemon.
 *
 *     int ready = -1;
 *     if (daemonize) {
 *         pid_t child = daemon_fork(&ready); // before anything is opened
 *         if (child == -1)
 *             err(1, "fork");
 *         if (child > 0)
 *             return daemon_outcome(ready);  // the shell's prompt comes back
 *     }
 *     ... open, bind, lock: what fails still has stderr to say so ...
 *     if (daemonize && daemon_ready(ready) == -1)
 *         err(1, "daemon");
 *
 * Source: daemon(7), "SysV daemons". Define _GNU_SOURCE first: pipe2.
 */
#ifndef COMMON_DAEMON_H
#define COMMON_DAEMON_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compat.h"

// As fork(2): > 0 in the process that was started, 0 in the daemon, -1 and
// errno. All inherited descriptors above 2 are closed; *ready is a new one, for
// the other two functions.
static inline pid_t daemon_fork(int *ready)
{
    int ends[2];
    int outcome;
    int fd;

    close_range(3, ~0U, 0); // or another program's pipe would stay open
    do // if we are started without 0, 1 or 2, a file of ours must not be it
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= 2);
    close(fd);

    if (pipe2(ends, O_CLOEXEC) == -1)
        return -1;
    pid_t child = fork();
    if (child == -1)
        return -1;
    if (child > 0) {
        close(ends[1]);
        *ready = ends[0];
        while (waitpid(child, &outcome, 0) == -1 && errno == EINTR)
            ;
        return child;
    }

    // A new session: no terminal, so neither its ^C nor its closing reaches us.
    // Its leader would get a terminal again by opening one, so it leaves.
    setsid();
    child = fork();
    if (child == -1)
        warn("fork");
    if (child != 0)
        _exit(child == -1);
    close(ends[0]);
    *ready = ends[1];
    umask(022); // not the one that was inherited
    return 0;
}

// In the process that was started: wait until the daemon is ready or has ended.
// Returns the status to end with, 0 or 1.
static inline int daemon_outcome(int ready)
{
    char byte;
    ssize_t n;

    do // end of file: no process has the other end any more
        n = read(ready, &byte, 1);
    while (n == -1 && errno == EINTR);
    return n == 1 ? 0 : 1;
}

// In the daemon, when it can serve: let go of the folder and the terminal it
// was started in, and of the process that waits. Relative paths end here. -1
// and errno.
static inline int daemon_ready(int ready)
{
    if (chdir("/") == -1) // or that file system could not be unmounted
        return -1;
    int nothing = open("/dev/null", O_RDWR);
    if (nothing == -1)
        return -1;
    for (int fd = 0; fd <= 2; fd++) // not closed: the next file would be "1"
        if (dup2(nothing, fd) == -1)
            return -1;
    close(nothing);

    void (*before)(int) = signal(SIGPIPE, SIG_IGN); // if it no longer waits
    ssize_t n = write(ready, "", 1);
    signal(SIGPIPE, before);
    close(ready);
    return n == 1 || errno == EPIPE ? 0 : -1;
}

#endif
