/*
 * pipe/flags.c -- what pipe2(2) can do and pipe(2) cannot.
 *
 * Shows:   O_NONBLOCK: a call that would wait fails with EAGAIN. O_DIRECT: each
 *          write is a packet, and each read takes one. O_CLOEXEC: the ends are
 *          closed when a program is executed, so that no program holds a pipe
 *          that it knows nothing of.
 *
 * Run:     $ build/pipe/flags
 *
 * Prints:  O_NONBLOCK, read of nothing: Resource temporarily unavailable
 *          no flag, "one" and "two" written: reads get "onetwo"
 *          O_DIRECT, "one" and "two" written: reads get "one" "two"
 *          the first cat says this
 *          O_CLOEXEC, two cats, end of file for one: it ends
 *
 * Read:    pipe(7), pipe2(2), fork(2), dup2(2), execlp(3), cat(1)
 */
#define _GNU_SOURCE // pipe2
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/program.h"
#include "../common/termination.h"

static void write_two_read_all(const char *name, int flags)
{
    int ends[2];
    if (pipe2(ends, flags | O_NONBLOCK) == -1)
        err(1, "pipe2");
    if (write(ends[1], "one", 3) == -1 || write(ends[1], "two", 3) == -1)
        err(1, "write");

    printf("%s, \"one\" and \"two\" written: reads get", name);
    char got[8];
    ssize_t n;
    while ((n = read(ends[0], got, sizeof got)) > 0)
        printf(" \"%.*s\"", (int)n, got);
    putchar('\n');
    close(ends[0]);
    close(ends[1]);
}

// Start a cat, which reads what is written to *to.
static pid_t start_cat(int flags, int *to)
{
    int ends[2];
    if (pipe2(ends, flags) == -1)
        err(1, "pipe2");

    pid_t cat = fork();
    if (cat == -1)
        err(1, "fork");
    if (cat == 0) {
        if (dup2(ends[0], STDIN_FILENO) == -1) // the copy stays open
            err(1, "dup2");
        close(ends[0]); // its own pipe it can close by hand, but others?
        close(ends[1]);
        execlp("cat", "cat", NULL);
        err(1, "cat");
    }
    close(ends[0]);
    *to = ends[1];
    return cat;
}

int main(int argc, char *argv[])
{
    program_start();
    int no_cloexec = 0;
    const struct option options[] = {
        {"no-cloexec", no_argument, &no_cloexec, 1},
        {0},
    };
    if (!parse_flags(argc, argv, options) || optind != argc)
        return usage(argc, argv, "flags [--no-cloexec]");

    int ends[2];
    if (pipe2(ends, O_NONBLOCK) == -1)
        err(1, "pipe2");
    char byte;
    if (read(ends[0], &byte, 1) == -1)
        printf("O_NONBLOCK, read of nothing: %s\n", strerror(errno));
    close(ends[0]);
    close(ends[1]);

    write_two_read_all("no flag", 0);
    write_two_read_all("O_DIRECT", O_DIRECT);

    int to_first, to_second;
    int flags = no_cloexec ? 0 : O_CLOEXEC;
    pid_t first = start_cat(flags, &to_first);
    pid_t second = start_cat(flags, &to_second); // does it inherit to_first?

    if (dprintf(to_first, "the first cat says this\n") < 0)
        err(1, "write");
    close(to_first); // end of file for the first cat, if this was the last

    if (no_cloexec)
        start_alarm_ticks(1); // or it would wait for ever
    siginfo_t how;
    bool ended = waitid(P_PID, (id_t)first, &how, WEXITED | WNOWAIT) == 0;
    start_alarm_ticks(0);
    if (ended)
        printf("O_CLOEXEC, two cats, end of file for one: it ends\n");
    else
        warnx("waited 1 s for the first cat to see end of file: the second "
              "cat still holds a write end");

    close(to_second);
    bool well = child_succeeded(first, "first cat");
    well = child_succeeded(second, "second cat") && well;
    return ended && well ? 0 : 1;
}
