/*
 * common/termination.h -- remove what was made, however the program ends.
 *
 * A System V object outlives its process. So a lesson that makes one names the
 * function that removes it, and it is called at exit, after err(3), and when a
 * termination signal comes:
 *
 *     static int queue = -1;
 *
 *     static void remove_queue(void)
 *     {
 *         msgctl(queue, IPC_RMID, NULL);
 *     }
 *     ...
 *     block_termination();           // no signal between these two lines:
 *     queue = msgget(key, IPC_CREAT | 0600);
 *     if (queue == -1)
 *         err(1, "msgget");
 *     on_termination(remove_queue);  // and now they may come
 */
#ifndef COMMON_TERMINATION_H
#define COMMON_TERMINATION_H

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

// The one header that keeps state: neither signal handlers nor exit handlers
// are given any.
static void (*termination_cleanup)(void);
static pid_t termination_owner; // children inherit the handlers, not the object

// The signals that ask a program to end: ^C, kill(1), a terminal that is
// closed, and `| head` when head has seen enough.
static inline sigset_t termination_signals(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGPIPE);
    return signals;
}

// Hold them back while something is half made.
static inline void block_termination(void)
{
    sigset_t signals = termination_signals();

    sigprocmask(SIG_BLOCK, &signals, NULL);
}

// Let them act again, those first that have come in the meantime.
static inline void unblock_termination(void)
{
    sigset_t signals = termination_signals();

    sigprocmask(SIG_UNBLOCK, &signals, NULL);
}

// End by this signal, so that the shell sees what happened. Blocked while its
// handler runs, it acts when the handler returns.
static inline void reraise(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

static inline void termination_run(void)
{
    if (getpid() == termination_owner)
        termination_cleanup();
}

static inline void termination_handler(int number)
{
    termination_run();
    reraise(number);
}

// Call handler when one of them comes; one that was ignored when the program
// started stays ignored, as nohup(1) wants it.
static inline void handle_termination(void (*handler)(int number))
{
    struct sigaction action = {.sa_handler = handler};
    struct sigaction old;

    action.sa_mask = termination_signals(); // one signal is enough
    for (int number = 1; number < NSIG; number++)
        if (sigismember(&action.sa_mask, number) == 1 &&
            sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(number, &action, NULL);
}

// Call cleanup once this process, not a child, ends: by exit(3) or by one of
// these signals, which are let in from here on. It may use what
// signal-safety(7) lists, and may be called twice.
static inline void on_termination(void (*cleanup)(void))
{
    termination_cleanup = cleanup;
    termination_owner = getpid();
    atexit(termination_run);
    handle_termination(termination_handler);
    unblock_termination();
}

static inline void alarm_tick(int number)
{
    (void)number;
}

// As alarm(2), but SIGALRM makes the call that then blocks fail with EINTR, and
// it comes again every second, in case none blocked yet. 0 takes it back.
static inline void set_alarm(long seconds)
{
    struct sigaction alarm = {.sa_handler = alarm_tick}; // without SA_RESTART
    struct itimerval timer = {
        .it_value.tv_sec = seconds,
        .it_interval.tv_sec = 1,
    };

    sigaction(SIGALRM, &alarm, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

#endif
