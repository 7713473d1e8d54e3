/*
 * msg/gone_recv.c -- wait for readings, whatever happens meanwhile.
 *
 * Shows:   Two ways in which a msgrcv that waits ends without a message. EIDRM:
 *          the queue was removed; whoever calls later gets EINVAL. EINTR: a
 *          signal was handled (try kill -USR1). Other calls then go on waiting
 *          if SA_RESTART asks for it; msgrcv and msgsnd never do, so ask
 *          again. With --no-retry, that signal ends the program.
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
 * Read:    signal(7), sysvipc(7), ftok(3), msgget(2), msgrcv(2), msgctl(2)
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../common/ending.h"
#include "../common/program.h"
#include "../common/reading.h"

static int queue = -1;

static void remove_queue(int number)
{
    msgctl(queue, IPC_RMID, NULL);
    end_by(number);
}

int main(int argc, char *argv[])
{
    program_start();
    int no_retry = 0;
    const struct option flags[] = {{"no-retry", no_argument, &no_retry, 1},
                                   {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "gone_recv [--no-retry] FILE");
    const char *file = argv[optind];

    key_t key = ftok(file, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", file);
    struct sigaction report = {.sa_handler = alarm_tick,
                               .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &report, NULL);
    before_ending(remove_queue);
    queue = msgget(key, IPC_CREAT | 0600);
    if (queue == -1)
        err(1, "msgget %s", file);
    printf("ready on %s\n", file);

    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        struct reading_msg msg;
        ssize_t n = msgrcv(queue, &msg, sizeof msg.wire + sizeof msg.longer, 0,
                           MSG_NOERROR);
        if (n >= 0) {
            more = reading_report(&msg.wire, (size_t)n, &arrived);
        } else if (errno == EINTR && !no_retry) {
            printf("EINTR: a signal; %" PRIu32 " readings so far\n", arrived);
        } else if (errno == EIDRM) {
            printf("EIDRM: the queue was removed while we waited\n");
        } else if (errno == EINVAL) {
            printf("EINVAL: there is no queue %d\n", queue);
            more = false;
        } else {
            err(1, "msgrcv");
        }
    }

    if (msgctl(queue, IPC_RMID, NULL) == -1 && errno != EINVAL)
        err(1, "msgctl");
    return 0;
}
