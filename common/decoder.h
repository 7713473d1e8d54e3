/*
 * common/decoder.h -- an external program that reads a stream from its
 *                     standard input, and plays it or turns it into a file.
 *
 *     we                               the decoder
 *
 *     fork -------------------------.
 *     read from the report            `- input becomes its descriptor 0
 *       .                                exec fails: errno into the report
 *       .                                exec works: the report is closed by it
 *     end of file: it runs
 *
 * Define _GNU_SOURCE before the first #include: pipe2.
 */
#ifndef COMMON_DECODER_H
#define COMMON_DECODER_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "compat.h"

struct decoder {
    pid_t process;
    int ended; // a pidfd: poll says POLLIN when the process has ended
};

// Whether it has ended, after that many milliseconds at most.
static inline bool decoder_ended(const struct decoder *d, int milliseconds)
{
    struct pollfd end = {.fd = d->ended, .events = POLLIN};

    return poll(&end, 1, milliseconds) == 1;
}

// End it: SIGTERM, and SIGKILL a second later. Returns its outcome as of
// waitpid(2). Good in a signal handler: signal-safety(7) lists all it calls.
static inline int decoder_stop(struct decoder *d)
{
    int outcome = 0;

    if (d->process <= 0)
        return 0;
    kill(d->process, SIGTERM);
    if (!decoder_ended(d, 1000))
        kill(d->process, SIGKILL);
    while (waitpid(d->process, &outcome, 0) == -1 && errno == EINTR)
        ;
    close(d->ended);
    d->process = 0;
    return outcome;
}

// In the child: signals act as they do after a shell has started a program. An
// exec forgets handlers, but neither what is ignored nor what is blocked. What
// the user has ignored, as by nohup(1), the decoder is to ignore as well.
static inline void decoder_signals(void)
{
    struct sigaction how;
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        if (sigaction(number, NULL, &how) == 0 && how.sa_handler != SIG_IGN)
            signal(number, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

// In the child: become the command; if that fails, errno goes to the report.
static inline void decoder_exec(char *command[], int input, int report,
                                pid_t parent)
{
    // Where descriptor 0 was closed, that may be one of these two.
    if (report == STDIN_FILENO)
        report = fcntl(report, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int done = input == STDIN_FILENO ? fcntl(input, F_SETFD, 0)
                                     : dup2(input, STDIN_FILENO);
    if (done != -1) {
        set_pdeathsig(parent, SIGKILL); // it may ignore any other
        decoder_signals();
        execvp(command[0], command);
    }
    int error = errno;
    _exit(write(report, &error, sizeof error) == -1 ? 126 : 127);
}

// Start the command, with input as its standard input; it stays open here. The
// decoder inherits what is not close-on-exec: nothing that this suite opens,
// all that the user has given. It ends when we end, even by SIGKILL: for that
// alone this is no posix_spawn(3). Returns 0; -1 and errno, which is the exec's
// if that has failed: there is no process then.
static inline int decoder_start(struct decoder *d, char *command[], int input)
{
    pid_t parent = getpid();
    int report[2], error = 0;
    sigset_t all, before;

    *d = (struct decoder){.ended = -1};
    if (pipe2(report, O_CLOEXEC) == -1)
        return -1;
    sigfillset(&all); // or our handlers would run in the child
    sigprocmask(SIG_SETMASK, &all, &before);
    d->process = fork();
    if (d->process == 0)
        decoder_exec(command, input, report[1], parent);
    if (d->process == -1)
        error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(report[1]); // or end of file would never come

    if (error == 0) {
        while (read(report[0], &error, sizeof error) == -1 && errno == EINTR)
            ;
        d->ended = pidfd_open(d->process, 0); // close-on-exec
        if (d->ended == -1 && error == 0)
            error = errno;
    }
    close(report[0]);
    if (error == 0)
        return 0;
    decoder_stop(d);
    errno = error;
    return -1;
}

// The same, with a pipe. Returns the end to write to; -1 and errno.
static inline int decoder_start_piped(struct decoder *d, char *command[])
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) == -1)
        return -1;
    int result = decoder_start(d, command, ends[0]);
    int error = errno;
    close(ends[0]); // only the decoder has it: SIGPIPE if that ends
    if (result == 0)
        return ends[1];
    close(ends[1]);
    errno = error;
    return -1;
}

#endif
