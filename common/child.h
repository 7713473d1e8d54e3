/*
 * common/child.h -- how a child ends, and how it ended.
 */
#ifndef COMMON_CHILD_H
#define COMMON_CHILD_H

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// In a child, right after fork(2): have the kernel send it this signal when its
// parent ends, even by SIGKILL. An exec does not change that; PR_SET_PDEATHSIG
// in prctl(2) says what does.
static inline void set_pdeathsig(pid_t parent, int number)
{
    prctl(PR_SET_PDEATHSIG, number);
    if (getppid() != parent) // it ended before that: this is an orphan
        raise(number);
}

// Wait until the child has stopped itself, by SIGSTOP. False if it has ended.
static inline bool child_has_stopped(pid_t child)
{
    int outcome;

    return waitpid(child, &outcome, WUNTRACED) != -1 && WIFSTOPPED(outcome);
}

// Wait for the child. True if its status is 0; otherwise say on stderr what
// became of it, by the given name.
static inline bool child_succeeded(pid_t child, const char *name)
{
    int outcome;

    while (waitpid(child, &outcome, 0) == -1)
        if (errno != EINTR) {
            warn("waitpid");
            return false;
        }
    if (WIFSIGNALED(outcome))
        warnx("the %s was ended by signal %d", name, WTERMSIG(outcome));
    else if (WEXITSTATUS(outcome) != 0)
        warnx("the %s ended with status %d", name, WEXITSTATUS(outcome));
    return WIFEXITED(outcome) && WEXITSTATUS(outcome) == 0;
}

// Wait for all children. Returns how many did not end with status 0; they have
// said why. One that was ended by a signal is said here, and not waited beyond:
// the others may be waiting for it.
static inline int children_failed(void)
{
    int outcome, failed = 0;

    for (pid_t child; (child = wait(&outcome)) != -1 || errno == EINTR;) {
        if (child == -1)
            continue;
        failed += outcome != 0;
        if (WIFSIGNALED(outcome)) {
            warnx("a child was ended by signal %d", WTERMSIG(outcome));
            break;
        }
    }
    return failed;
}

#endif
