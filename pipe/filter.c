/*
 * pipe/filter.c -- let another program do the work: feed it, read its answer.
 *
 * Shows:   dup2(2) makes two pipes what the program knows as standard input and
 *          output. The parent has to be ready to feed it and to hear it at any
 *          time, or each waits at a full pipe for the other: poll(2). Closing
 *          the write end says that there is no more.
 *
 * Run:     $ build/pipe/filter -- sort -r
 *
 * Prints:  oslo #3 -3.0 C
 *          oslo #2 -3.1 C
 *          oslo #1 -3.2 C
 *          sort ended with status 0
 *
 * Read:    pipe2(2), fork(2), dup2(2), execvp(3), poll(2), waitpid(2), prctl(2)
 */
#define _GNU_SOURCE // pipe2
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/program.h"
#include "../common/reading.h"
#include "../common/stream.h"

// Write the next of count readings, a line each and PIPE_BUF bytes at most.
// False if there are none left, or nobody wants them.
static bool feed(int to, uint32_t *seq, long count)
{
    const size_t longest = 32; // of the lines, with the NUL
    char lines[PIPE_BUF];
    size_t used = 0;

    while (*seq < count && used + longest <= sizeof lines) {
        struct reading r = reading_sample(++*seq);
        used +=
            (size_t)snprintf(lines + used, longest, "%s #%" PRIu32 " %.1f C\n",
                             r.station, r.seq, r.tenths / 10.0);
    }
    if (used == 0)
        return false;
    if (write(to, lines, used) != -1)
        return true;
    if (errno != EPIPE) // it need not read all of it, or anything
        err(1, "write");
    return false;
}

// Print what has come. False at end of file.
static bool print_answer(int from)
{
    char answer[65536];
    ssize_t n = read(from, answer, sizeof answer);

    if (n == -1)
        err(1, "read");
    if (write_full(STDOUT_FILENO, answer, (size_t)n) == -1)
        err(1, "write");
    return n > 0;
}

static void exec_command(char *command[], int input, int output, pid_t parent)
{
    end_with(parent,
             SIGTERM); // whatever the command would do without its input
    if (dup2(input, STDIN_FILENO) == -1 || dup2(output, STDOUT_FILENO) == -1)
        err(1, "dup2");
    execvp(command[0], command);
    warn("%s", command[0]);
    _exit(127); // as the shell does
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] =
        "filter [--no-close] [--count READINGS] -- COMMAND [ARGUMENT]...";
    int no_close = 0;
    const struct option options[] = {
        {"no-close", no_argument, &no_close, 1},
        {"count", required_argument, NULL, 'c'},
        {0},
    };
    long count = 3;
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option != 0 &&
            !(option == 'c' && parse_long(optarg, 0, 1000000000, &count)))
            return usage(argc, argv, synopsis);
    char **command = argv + optind;
    if (!command[0])
        return usage(argc, argv, synopsis);

    int to[2], from[2]; // the command
    if (pipe2(to, O_CLOEXEC) == -1 || pipe2(from, O_CLOEXEC) == -1)
        err(1, "pipe2");

    pid_t parent = getpid();
    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0)
        exec_command(command, to[0], from[1], parent);
    close(to[0]);
    close(from[1]);
    signal(SIGPIPE, SIG_IGN); // the child has not inherited this

    uint32_t seq = 0;
    struct pollfd ends[] = {
        {.fd = to[1], .events = POLLOUT},
        {.fd = from[0], .events = POLLIN},
    };
    while (ends[0].fd != -1 || ends[1].fd != -1) { // poll passes over -1
        int ready = poll(ends, 2, no_close ? 1000 : -1);
        if (ready == -1)
            err(1, "poll");
        if (ready == 0) {
            kill(child, SIGKILL);
            waitpid(child, NULL, 0);
            errx(1, "waited 1 s for %s, which waits for end of file",
                 command[0]);
        }
        // Room for PIPE_BUF bytes: a write of that many will not wait.
        if (ends[0].revents != 0 && !feed(to[1], &seq, count)) {
            ends[0].fd = -1;
            if (!no_close)
                close(to[1]); // end of file for the command
        }
        if (ends[1].revents != 0 && !print_answer(from[0]))
            ends[1].fd = -1;
    }
    if (no_close)
        close(to[1]);

    int outcome;
    if (waitpid(child, &outcome, 0) == -1)
        err(1, "waitpid");
    if (WIFSIGNALED(outcome))
        printf("%s was ended by signal %d\n", command[0], WTERMSIG(outcome));
    else
        printf("%s ended with status %d\n", command[0], WEXITSTATUS(outcome));
    return outcome == 0 ? 0 : 1;
}
