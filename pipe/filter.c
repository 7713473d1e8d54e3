/*
 * pipe/filter.c -- let another program do the work: feed it, read its answer.
 *
 * Shows:   dup2(2) makes two pipes the standard input and output of a program.
 *          The parent has to be able to write and to read at any time, or each
 *          waits at a full pipe for the other: poll(2). Closing the write end
 *          says that there is no more.
 *
 * Run:     $ build/pipe/filter -- sort -r
 *
 * Prints:  oslo #3 -3.0 C
 *          oslo #2 -3.1 C
 *          oslo #1 -3.2 C
 *          sort ended with status 0
 *
 * Read:    pipe2(2), fork(2), dup2(2), execvp(3), poll(2), waitpid(2)
 */
#define _GNU_SOURCE // pipe2
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/program.h"
#include "../common/reading.h"

// Write a reading in one line. False if the command does not read any more.
static bool feed(int to, uint32_t seq)
{
    struct reading r = reading_sample(seq);

    if (dprintf(to, "%s #%" PRIu32 " %.1f C\n", r.station, r.seq,
                r.tenths / 10.0) > 0)
        return true;
    if (errno != EPIPE)
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
    for (ssize_t done = 0, part; done < n; done += part) {
        part = write(STDOUT_FILENO, answer + done, (size_t)(n - done));
        if (part == -1)
            err(1, "write");
    }
    return n > 0;
}

// Feed count readings to the command and print what it answers, until it has
// closed both pipes. False if it waits for end of file, which never comes.
static bool exchange(int to, int from, long count, bool no_close)
{
    struct pollfd ends[] = {
        {.fd = to, .events = POLLOUT},
        {.fd = from, .events = POLLIN},
    };
    uint32_t fed = 0;

    while (ends[0].fd != -1 || ends[1].fd != -1) { // poll passes over -1
        int ready = poll(ends, 2, no_close ? 1000 : -1);
        if (ready == -1)
            err(1, "poll");
        if (ready == 0)
            return false;
        // Room for PIPE_BUF bytes: a line will not have to wait.
        if (ends[0].revents != 0 && ((long)fed == count || !feed(to, ++fed))) {
            ends[0].fd = -1;
            if (!no_close && close(to) == -1) // end of file for the command
                err(1, "close");
        }
        if (ends[1].revents != 0 && !print_answer(from))
            ends[1].fd = -1;
    }
    return true;
}

int main(int argc, char *argv[])
{
    program_start();
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
            break;
    if (option != -1 || optind == argc)
        return usage(
            argc, argv,
            "filter [--no-close] [--count READINGS] -- COMMAND [ARGUMENT]...");
    char **command = argv + optind;

    int to[2], from[2]; // to the command, from the command
    if (pipe2(to, O_CLOEXEC) == -1 || pipe2(from, O_CLOEXEC) == -1)
        err(1, "pipe2");

    pid_t parent = getpid();
    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        end_with(parent, SIGTERM); // SIGTERM when the parent ends
        if (dup2(to[0], STDIN_FILENO) == -1 ||
            dup2(from[1], STDOUT_FILENO) == -1)
            err(1, "dup2");
        execvp(command[0], command);
        warn("%s", command[0]);
        _exit(127); // as the shell does
    }
    if (close(to[0]) == -1 || close(from[1]) == -1)
        err(1, "close");
    signal(SIGPIPE, SIG_IGN); // the child has not inherited this

    if (!exchange(to[1], from[0], count, no_close)) {
        kill(child, SIGKILL);
        errx(1, "waited 1 s for %s, which waits for end of file", command[0]);
    }
    int status;
    if (waitpid(child, &status, 0) == -1)
        err(1, "waitpid");
    if (WIFSIGNALED(status))
        printf("%s was ended by signal %d\n", command[0], WTERMSIG(status));
    else
        printf("%s ended with status %d\n", command[0], WEXITSTATUS(status));
    return status == 0 ? 0 : 1;
}
