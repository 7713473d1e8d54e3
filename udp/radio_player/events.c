/*
 * udp/radio_player/events.c -- one poll for all that can happen.
 */
#define _GNU_SOURCE // decoder.h
#include <err.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../../common/clock.h"
#include "../../common/termination.h"
#include "player.h"

// A signal handler could not do this: ppoll(2) lets none run while there is
// always another datagram. What is ignored stays ignored: a signalfd would
// still report it.
void events_open_signals(struct player *p)
{
    sigset_t signals = termination_signals();
    struct sigaction action;

    block_termination();
    sigdelset(&signals, SIGPIPE);
    for (int number = 1; number < NSIG; number++)
        if (sigismember(&signals, number) == 1 &&
            sigaction(number, NULL, &action) == 0 &&
            action.sa_handler == SIG_IGN)
            sigdelset(&signals, number);
    p->watched[SIGNALS].fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (p->watched[SIGNALS].fd == -1)
        err(1, "signalfd");
    p->watched[SIGNALS].events = POLLIN;
}

bool events_wait(struct player *p, int64_t until_us)
{
    const int64_t left_us = until_us - clock_us();
    const int timeout_ms = until_us == 0 ? -1 : (int)(left_us / 1000 + 1);
    struct signalfd_siginfo signal;

    if (until_us != 0 && left_us <= 0)
        return false;
    while (poll(p->watched, WATCHED, timeout_ms) == -1)
        if (errno != EINTR)
            err(1, "poll");
    if (p->watched[SIGNALS].revents != 0 &&
        read(p->watched[SIGNALS].fd, &signal, sizeof signal) == sizeof signal)
        p->ended_by = (int)signal.ssi_signo;
    return true;
}
