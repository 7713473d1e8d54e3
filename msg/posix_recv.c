/*
 * msg/posix_recv.c -- receive from a POSIX message queue, by priority.
 *
 * Shows:   A POSIX queue has a name, and is a descriptor: poll(2) waits for it,
 *          with a time limit. mq_notify sends a signal when a message comes
 *          into the empty queue. The highest priority is received first; there
 *          is no other choice. mq_unlink removes the name: with --no-unlink the
 *          queue stays, and a later receiver gets yesterday's messages.
 *
 * Run:     terminal 1 $ build/msg/posix_recv README.md
 *          terminal 2 $ build/msg/posix_send README.md 1 3 2
 *
 * Prints:  ready on README.md: <name>
 *          process <pid> sent the first message
 *          priority 3: oslo #2 -3.1 C
 *          priority 2: oslo #3 -3.0 C
 *          priority 1: oslo #1 -3.2 C
 *          priority 0: 3 of 3 readings arrived
 *
 * Read:    mq_overview(7), mq_open(3), mq_notify(3), sigwaitinfo(2),
 *          mq_getattr(3), poll(2), mq_receive(3), mq_unlink(3)
 */
#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "../common/termination.h"
#include "posix_queue.h"

#define RECV_TIMEOUT_MS 2000 // for END: nothing tells of a killed sender

static struct posix_queue_name name;

static void remove_queue(void)
{
    mq_unlink(name.text);
}

// Be told by SIGUSR1 of the first message: only a queue that is empty will say
// so, so look into it, too.
static void wait_for_first(mqd_t queue, const char *file)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGUSR1};
    struct mq_attr about;
    siginfo_t info;
    sigset_t usr1;

    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    if (mq_notify(queue, &event) == -1)
        err(1, "mq_notify");
    if (mq_getattr(queue, &about) == -1)
        err(1, "mq_getattr");
    program_ready("ready on %s: %s\n", file, name.text);
    if (about.mq_curmsgs > 0)
        printf("%ld messages are there already\n", about.mq_curmsgs);
    else if (sigwaitinfo(&usr1, &info) == SIGUSR1)
        printf("process %d sent the first message\n", (int)info.si_pid);
}

// Let it fill up, for a second: then there is something to choose from.
static void wait_until_full(mqd_t queue)
{
    struct mq_attr about = {0};

    for (int tries = 0; tries < 200; tries++) {
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        if (mq_getattr(queue, &about) == -1)
            err(1, "mq_getattr");
        if (about.mq_curmsgs == about.mq_maxmsg)
            return;
    }
}

int main(int argc, char *argv[])
{
    program_start();
    int no_unlink = 0;
    const struct option flags[] = {{"no-unlink", no_argument, &no_unlink, 1},
                                   {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "posix_recv [--no-unlink] FILE");
    if (!posix_queue_name(&name, argv[optind]))
        err(1, "ftok %s", argv[optind]);

    struct reading_wire wire;
    struct mq_attr attributes = {.mq_maxmsg = POSIX_QUEUE_SIZE,
                                 .mq_msgsize = sizeof wire};
    if (!no_unlink)
        mq_unlink(name.text); // that of a receiver that was killed
    block_termination();
    mqd_t queue =
        mq_open(name.text, O_RDONLY | O_CREAT | (no_unlink ? 0 : O_EXCL), 0600,
                &attributes);
    if (queue == -1)
        err(1, "mq_open %s", name.text);
    if (no_unlink)
        unblock_termination();
    else
        on_termination(remove_queue);

    wait_for_first(queue, argv[optind]);
    wait_until_full(queue);

    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        struct pollfd readable = {.fd = queue, .events = POLLIN};
        unsigned priority;

        if (poll(&readable, 1, RECV_TIMEOUT_MS) == 0)
            errx(1, "nothing for %d s, and no END", RECV_TIMEOUT_MS / 1000);
        ssize_t n = mq_receive(queue, (char *)&wire, sizeof wire, &priority);
        if (n == -1)
            err(1, "mq_receive");
        printf("priority %u: ", priority);
        more = reading_report(&wire, (size_t)n, &arrived);
    }
    return 0;
}
