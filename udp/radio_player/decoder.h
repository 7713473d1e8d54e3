/*
 * udp/radio_player/decoder.h -- a program that is fed through a pipe.
 */
#ifndef RADIO_PLAYER_DECODER_H
#define RADIO_PLAYER_DECODER_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../common/child.h"
#include "../../common/stream.h"

struct decoder {
    pid_t pid; // 0: it has ended
    int feed;  // what is written here is its standard input; -1: no more
    int outcome;
};

// In the child: become the decoder. Only if that fails does anything go to
// report. It shall find signals as if a shell had started it: what is blocked
// or ignored would stay so.
static inline void decoder_become(char *argv[], int input, int report,
                                  const sigset_t *signals)
{
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, signals, NULL);
    if (input == STDIN_FILENO)
        fcntl(input, F_SETFD, 0); // no dup2 takes the close-on-exec away
    else
        dup2(input, STDIN_FILENO);
    execvp(argv[0], argv);
    write_full(report, &errno, sizeof errno);
    _exit(127);
}

// Start a decoder; it gets these signals as its mask, and is ended should we be
// killed. Both pipes are close-on-exec: it has its standard input and nothing
// else of ours, and the report ends without a word when exec succeeds. Returns
// 0; -1 and errno, which may be exec's.
static inline int decoder_start(struct decoder *d, char *argv[],
                                const sigset_t *signals)
{
    const pid_t parent = getpid();
    int ends[2], report[2], error = 0;

    if (pipe2(ends, O_CLOEXEC) == -1)
        return -1;
    if (pipe2(report, O_CLOEXEC) == -1) {
        close(ends[0]);
        close(ends[1]);
        return -1;
    }
    d->pid = fork();
    if (d->pid == 0) {
        end_with(parent, SIGKILL);
        decoder_become(argv, ends[0], report[1], signals);
    }
    if (d->pid == -1)
        error = errno;
    close(ends[0]);
    close(report[1]);
    d->feed = ends[1];
    if (error == 0 &&
        read_full(report[0], &error, sizeof error) == sizeof error)
        waitpid(d->pid, NULL, 0);
    close(report[0]);
    if (error != 0) {
        close(d->feed);
        *d = (struct decoder){.feed = -1};
        errno = error;
        return -1;
    }
    // Our end alone: the two ends of a pipe have flags of their own.
    fcntl(d->feed, F_SETFL, O_WRONLY | O_NONBLOCK);
    return 0;
}

// Give it these bytes, all or none: up to PIPE_BUF a pipe without room takes
// nothing at all, EAGAIN. Returns 0; -1 and errno.
static inline int decoder_feed(const struct decoder *d, const void *bytes,
                               size_t size)
{
    ssize_t n = write(d->feed, bytes, size);

    return n == (ssize_t)size ? 0 : -1;
}

// End of file, for the decoder.
static inline void decoder_no_more(struct decoder *d)
{
    if (d->feed != -1)
        close(d->feed);
    d->feed = -1;
}

// Whether it has ended; *d says how.
static inline bool decoder_ended(struct decoder *d)
{
    if (d->pid != 0 && waitpid(d->pid, &d->outcome, WNOHANG) == d->pid)
        d->pid = 0;
    return d->pid == 0;
}

#endif
