/*
 * pipe/signal_race.c -- a signal that comes between the check and the wait.
 *
 * Shows:   A handler sets a flag; the program looks at the flag, and then
 *          waits. A signal that comes in between has set the flag too late to
 *          be seen, and too early to end the wait. So it stays blocked until
 *          the wait, and ppoll(2) unblocks it and waits in one step. The
 *          signalfd of pipe/events.c does without a handler.
 *          --poll: does not block it, and waits by poll.
 *
 * Run:     $ build/pipe/signal_race
 *
 * Prints:  SIGUSR1 has ended the wait
 *
 * Read:    signal(7), sigaction(2), sigprocmask(2), kill(2), ppoll(2), poll(2)
 */
#define _GNU_SOURCE // ppoll
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "../common/program.h"

static volatile sig_atomic_t arrived;

static void note_arrival(int number)
{
    (void)number;
    arrived = 1;
}

int main(int argc, char *argv[])
{
    program_start();
    int by_poll = 0;
    const struct option flags[] = {{"poll", no_argument, &by_poll, 1}, {0}};
    if (!parse_flags(argc, argv, flags) || optind != argc)
        return usage(argc, argv, "signal_race [--poll]");

    sigset_t usr1, before;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    if (!by_poll && sigprocmask(SIG_BLOCK, &usr1, &before) == -1)
        err(1, "sigprocmask");
    const struct sigaction action = {.sa_handler = note_arrival};
    if (sigaction(SIGUSR1, &action, NULL) == -1)
        err(1, "sigaction");

    if (arrived) // the check; what would have to be done is done here
        return 0;
    if (kill(getpid(), SIGUSR1) == -1) // it comes just now
        err(1, "kill");
    const struct timespec second = {.tv_sec = 1};
    int n = by_poll ? poll(NULL, 0, 1000) : ppoll(NULL, 0, &second, &before);
    if (n == 0)
        errx(1, "waited 1 s for SIGUSR1, which came before poll");
    if (errno != EINTR)
        err(1, "poll");
    printf("SIGUSR1 has ended the wait\n");
    return 0;
}
