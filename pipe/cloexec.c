/*
 * pipe/cloexec.c -- a program inherits pipes that are not for it.
 *
 * Shows:   Two cat(1) on two pipes. The second is forked later and gets a copy
 *          of the write end to the first. O_CLOEXEC closes that copy when cat
 *          is executed; without it the first never sees end of file.
 *
 * Run:     $ build/pipe/cloexec
 *
 * Prints:  the first cat says this
 *          end of file for the first of two cats: it has ended
 *
 * Read:    pipe(7), pipe2(2), fork(2), dup2(2), execlp(3), waitid(2)
 */
#define _GNU_SOURCE // pipe2
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/program.h"
#include "../common/termination.h"

// Start a cat. What is written to *to is its standard input.
static pid_t start_cat(int flags, int *to)
{
    int ends[2];
    if (pipe2(ends, flags) == -1)
        err(1, "pipe2");
    pid_t cat = fork();
    if (cat == -1)
        err(1, "fork");
    if (cat == 0) {
        // The copy, descriptor 0, has no O_CLOEXEC: it stays open in cat.
        if (dup2(ends[0], STDIN_FILENO) == -1)
            err(1, "dup2");
        // This closes its own pipe, but not the pipes of other children.
        if (close(ends[0]) == -1 || close(ends[1]) == -1)
            err(1, "close");
        execlp("cat", "cat", NULL);
        err(1, "cat");
    }
    if (close(ends[0]) == -1)
        err(1, "close");
    *to = ends[1];
    return cat;
}

int main(int argc, char *argv[])
{
    program_start();
    int no_cloexec = 0;
    const struct option options[] = {
        {"no-cloexec", no_argument, &no_cloexec, 1}, {0}};
    if (!parse_flags(argc, argv, options) || optind != argc)
        return usage(argc, argv, "cloexec [--no-cloexec]");

    int to_first, to_second;
    int flags = no_cloexec ? 0 : O_CLOEXEC;
    pid_t first = start_cat(flags, &to_first);
    pid_t second = start_cat(flags, &to_second); // does it inherit to_first?

    if (dprintf(to_first, "the first cat says this\n") < 0)
        err(1, "write");
    if (close(to_first) == -1) // end of file, if this was the last write end
        err(1, "close");

    if (no_cloexec)
        set_alarm(1); // SIGALRM: waitid fails with EINTR after 1 s
    siginfo_t info;
    bool ended = waitid(P_PID, (id_t)first, &info, WEXITED | WNOWAIT) == 0;
    if (!ended && errno != EINTR)
        err(1, "waitid");
    set_alarm(0);
    if (ended)
        printf("end of file for the first of two cats: it has ended\n");
    else
        warnx("waited 1 s for the first cat to see end of file: the second "
              "cat still has a write end");

    if (close(to_second) == -1)
        err(1, "close");
    bool ok = child_succeeded(first, "first cat");
    ok = child_succeeded(second, "second cat") && ok;
    return ended && ok ? 0 : 1;
}
