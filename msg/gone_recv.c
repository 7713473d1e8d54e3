/*
 * msg/gone_recv.c -- wait for readings, whatever happens meanwhile.
 *
 * Shows:   Two ways in which a msgrcv that waits ends without a message. EIDRM:
 *          the queue was removed; a later call gets EINVAL. EINTR: a signal was
 *          handled (try kill -USR1). Other calls then go on waiting if
 *          SA_RESTART asks for it; msgrcv and msgsnd never do, so call again.
 *          With --no-retry, that signal ends the program.
 *
 * Run:     terminal 1 $ build/msg/gone_recv README.md
 *          terminal 2 $ build/msg/gone_send README.md
 *
 * Prints:  ready on README.md
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          EIDRM: the queue was removed while we waited
 *          EINVAL: there is no queue <id>
 *
 * Read:    signal(7), sysvipc(7), sigaction(2), msgrcv(2), msgctl(2)
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../common/program.h"
#include "reading_queue.h"

static volatile sig_atomic_t signalled;

static void note_signal(int number)
{
    signalled = number;
}

int main(int argc, char *argv[])
{
    program_start();
    int no_retry = 0;
    const struct option options[] = {{"no-retry", no_argument, &no_retry, 1},
                                     {0}};
    if (!parse_flags(argc, argv, options) || argc - optind != 1)
        return usage(argc, argv, "gone_recv [--no-retry] FILE");

    int queue = queue_make(argv[optind]);
    struct sigaction usr1 = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &usr1, NULL);
    set_alarm(1);
    program_ready("ready on %s\n", argv[optind]);

    int flags = MSG_NOERROR;
    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        struct reading_msg msg;
        ssize_t n = msgrcv(queue, &msg, READING_MSG_SIZE, 0, flags);
        if (n >= 0) {
            more = reading_report(&msg.wire, (size_t)n, &arrived);
        } else if (errno == EIDRM) {
            printf("EIDRM: the queue was removed while we waited\n");
        } else if (errno == EINVAL) {
            printf("EINVAL: there is no queue %d\n", queue);
            return 0;
        } else if (errno != EINTR || (signalled && no_retry)) {
            err(1, flags & IPC_NOWAIT ? "the sender has ended" : "msgrcv");
        } else if (signalled) {
            printf("EINTR: a signal; %" PRIu32 " readings so far\n", arrived);
            signalled = 0;
        } else if (sender_has_ended(queue)) { // EINTR too: a tick
            flags |= IPC_NOWAIT;
        }
    }

    if (msgctl(queue, IPC_RMID, NULL) == -1 && errno != EINVAL)
        err(1, "msgctl");
    return 0;
}
