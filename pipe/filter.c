/*
 * pipe/filter.c -- let another program do the work: feed it, read its answer.
 *
 * Shows:   dup2(2) makes two pipes the standard input and output of a program.
 *          The parent has to be able to write and to read at any time, or each
 *          waits at a full pipe for the other: poll(2). Closing the write end
 *          says that there is no more.
 *
 * Run:     $ build/pipe/filter 3 sort -r
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

static int no_close; // --no-close

static void exec_command(char **command, int in, int out)
{
    // Step 2: in the child: be the command, with the pipes for stdin and stdout
    if (dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1)
        err(1, "dup2");
    execvp(command[0], command);
    warn("%s", command[0]);
    _exit(127); // as the shell does
}

// Write one of count readings, in one line. False if there is none any more, or
// if the command does not read any more.
static bool feed(int to, uint32_t seq, long count)
{
    struct reading r = reading_sample(seq);

    if (seq > (uint32_t)count)
        return false;
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
    if (fwrite(answer, 1, (size_t)n, stdout) < (size_t)n)
        exit(1); // program_check_stdout() says why
    return n > 0;
}

// The status to end with.
static int report(int status, const char *name)
{
    if (WIFSIGNALED(status))
        printf("%s was ended by signal %d\n", name, WTERMSIG(status));
    else
        printf("%s ended with status %d\n", name, WEXITSTATUS(status));
    return status == 0 ? 0 : 1;
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option flags[] = {{"no-close", no_argument, &no_close, 1},
                                   {0}};
    long count;
    if (!parse_flags(argc, argv, flags) || argc - optind < 2 ||
        !parse_long(argv[optind], 0, 1000000000, &count))
        return usage(argc, argv,
                     "filter [--no-close] COUNT COMMAND [ARGUMENT]...");
    char **command = argv + optind + 1;

    // Step 1: make two pipes and a child, close what the parent does not use
    int to[2], from[2]; // to the command, from the command
    if (pipe2(to, O_CLOEXEC) == -1 || pipe2(from, O_CLOEXEC) == -1)
        err(1, "pipe2");
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        set_pdeathsig(parent, SIGTERM); // SIGTERM when the parent ends
        exec_command(command, to[0], from[1]);
    }
    if (close(to[0]) == -1 || close(from[1]) == -1)
        err(1, "close");
    signal(SIGPIPE, SIG_IGN); // the child has not inherited this

    // Step 3: feed the command and print its answer, as poll says
    struct pollfd ends[] = {{.fd = to[1], .events = POLLOUT},
                            {.fd = from[0], .events = POLLIN}};
    const int timeout_ms = no_close ? 1000 : -1;
    uint32_t fed = 0;
    int open_ends = 2;
    while (open_ends > 0) {
        int ready = poll(ends, 2, timeout_ms);
        if (ready == -1)
            err(1, "poll");
        if (ready == 0)
            errx(1, "waited 1 s for %s, which waits for end of file",
                 command[0]);
        // Room for PIPE_BUF bytes: a line will not have to wait.
        if (ends[0].revents != 0 && !feed(to[1], ++fed, count)) {
            ends[0].fd = -1; // poll passes over it
            open_ends--;
            if (!no_close && close(to[1]) == -1) // end of file for the command
                err(1, "close");
        }
        if (ends[1].revents != 0 && !print_answer(from[0])) {
            ends[1].fd = -1;
            open_ends--;
        }
    }

    // Step 4: wait for the command, and report how it ended
    int status;
    if (waitpid(child, &status, 0) == -1)
        err(1, "waitpid");
    return report(status, command[0]);
}
