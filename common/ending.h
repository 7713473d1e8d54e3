/*
 * common/ending.h -- ways in which a program ends before it is done.
 *
 * A lesson that makes something in the kernel or the file system removes it
 * when it is told to end, and then ends as if it had done nothing about it:
 *
 *     static void remove_queue(int number)
 *     {
 *         msgctl(queue, IPC_RMID, NULL);
 *         end_by(number);
 *     }
 *     ...
 *     before_ending(remove_queue);
 */
#ifndef COMMON_ENDING_H
#define COMMON_ENDING_H

#include <signal.h>
#include <stddef.h>

#include "termination.h"

// Call tidy_up for ^C, for kill(1) and when the terminal closes. It may use
// what signal-safety(7) lists, and must end with end_by().
static inline void before_ending(void (*tidy_up)(int number))
{
    struct sigaction ending = {.sa_handler = tidy_up};

    sigfillset(&ending.sa_mask); // one signal is enough
    sigaction(SIGINT, &ending, NULL);
    sigaction(SIGTERM, &ending, NULL);
    sigaction(SIGHUP, &ending, NULL);
}

// Hold those signals back while something is half made: SIG_BLOCK. SIG_UNBLOCK
// lets them act again, those that have come in the meantime first.
static inline void hold_endings(int how)
{
    sigset_t endings;

    sigemptyset(&endings);
    sigaddset(&endings, SIGINT);
    sigaddset(&endings, SIGTERM);
    sigaddset(&endings, SIGHUP);
    sigprocmask(how, &endings, NULL);
}

// End by this signal, so that the shell sees what happened. Blocked while its
// handler runs, it acts when the handler returns.
static inline void end_by(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

#endif
