/*
 * tcp/httpd/script.c -- start a script, and see to it that it ends.
 *
 * Shows:   posix_spawn(3): fork and exec in one. The child borrows the parent's
 *          memory until it execs, so nothing is copied for it; what it has to
 *          do in between is given as a list. It leads a group of its own, of
 *          all that it starts, which can be ended by one kill(2). A descendant
 *          that has left the group becomes a child of this process, a
 *          "subreaper", when its parent ends.
 *
 * Read:    posix_spawn(3), pidfd_open(2), prctl(2), kill(2), proc(5),
 *          sched(7)
 */
#define _GNU_SOURCE // pipe2, posix_spawn_file_actions_addfchdir_np
#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../common/compat.h"
#include "orphans.h"
#include "slots.h"

#define GRACE_MS 1000

// The program is named by our descriptor of it, /proc/OUR-PID/fd/N, and not by
// its path. So what runs is the file that was looked at, whatever the path
// leads to by now; and if it begins with "#!", its interpreter will find it
// under this name without inheriting a descriptor.
static int spawn(struct script *s, int file, int directory, int input,
                 int output, const char *name, char *const environment[])
{
    posix_spawn_file_actions_t then;
    posix_spawnattr_t as;
    sigset_t all, none;
    char path[48];
    char *const arguments[] = {(char *)name, NULL};

    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), file);
    sigemptyset(&none);
    memset(&all, 0xff, sizeof all); // sigfillset leaves out two of glibc's own

    int error = posix_spawn_file_actions_init(&then);
    if (error != 0)
        return error;
    posix_spawnattr_init(&as);
    // A group, not a session: the kernel divides the processors among sessions
    // ("autogroup"), and many short ones lose against a few long ones.
    posix_spawnattr_setflags(&as, POSIX_SPAWN_SETPGROUP |
                                      POSIX_SPAWN_SETSIGDEF |
                                      POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&as, 0);
    posix_spawnattr_setsigdefault(&as, &all); // none is ignored
    posix_spawnattr_setsigmask(&as, &none);   // and none is blocked
    if (posix_spawn_file_actions_adddup2(&then, input, STDIN_FILENO) != 0 ||
        posix_spawn_file_actions_adddup2(&then, output, STDOUT_FILENO) != 0 ||
        posix_spawn_file_actions_addfchdir_np(&then, directory) != 0)
        error = ENOMEM;
    else
        error = posix_spawn(&s->pid, path, &then, &as, arguments, environment);
    posix_spawnattr_destroy(&as);
    posix_spawn_file_actions_destroy(&then);
    return error;
}

int script_start(struct script *s, int file, int directory, int input,
                 const char *name, char *const environment[])
{
    int ends[2];

    // Step 12: a pipe, and the script at its other end
    if (pipe2(ends, O_CLOEXEC) == -1)
        return errno;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int error = spawn(s, file, directory, input, ends[1], name, environment);
    close(ends[1]); // or its end of file would never come
    if (error != 0) {
        close(ends[0]);
        return error;
    }
    my_slot->script = s->pid;
    s->output = ends[0];
    s->pidfd = pidfd_open(s->pid, 0);
    if (s->pidfd == -1) {
        error = errno;
        script_kill(s);
    }
    return error;
}

// Orphaned descendants that had left the group are children of this process
// now. As a rule there are none.
static void reap_orphans(void)
{
    pid_t child;

    while ((child = waitpid(-1, NULL, WNOHANG)) != -1) {
        if (child > 0)
            continue;
        if (orphans_kill() == 0) // of another user: by a setuid program
            return;
        waitpid(-1, NULL, 0);
    }
}

void script_kill(struct script *s)
{
    // Until it has been reaped its process id cannot be used again.
    kill(-s->pid, SIGKILL);
    while (waitpid(s->pid, NULL, 0) == -1 && errno == EINTR)
        ;
    reap_orphans();
    my_slot->script = 0;
    if (s->pidfd != -1)
        close(s->pidfd);
    close(s->output);
}

bool script_end(struct script *s)
{
    struct pollfd ended = {.fd = s->pidfd, .events = POLLIN};
    siginfo_t how = {0};

    poll(&ended, 1, GRACE_MS);
    waitid(P_PID, (id_t)s->pid, &how, WEXITED | WNOHANG | WNOWAIT);
    script_kill(s);
    return how.si_pid == 0 || how.si_code == CLD_EXITED;
}
