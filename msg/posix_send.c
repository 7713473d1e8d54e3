/*
 * msg/posix_send.c -- send readings into a POSIX queue, each with a priority.
 *
 * Shows:   A message has a priority, 0 to 32767, in place of a type; END has
 *          the lowest, so it comes last. mq_send waits while the queue is full,
 *          also when its receiver has ended: mq_unlink removes the name only,
 *          and wakes no sender. Hence the time limit of mq_timedsend.
 *
 * Run:     start msg/posix_recv.c first; its header has both commands
 *
 * Read:    mq_overview(7), mq_open(3), clock_gettime(2), mq_timedsend(3)
 */
#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <time.h>

#include "posix_queue.h"

#define SEND_TIMEOUT_S 2

static void send_reading(mqd_t queue, const struct reading *r,
                         unsigned priority)
{
    const struct reading_wire wire = reading_encode(r);
    struct timespec until; // a time of day, not a span

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += SEND_TIMEOUT_S;
    if (mq_timedsend(queue, (const char *)&wire, sizeof wire, priority,
                     &until) == -1)
        err(1, "mq_timedsend");
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] = "posix_send FILE PRIORITY..., each above 0";
    const long max = sysconf(_SC_MQ_PRIO_MAX) - 1;
    long priority;
    if (argc < 3)
        return usage(argc, argv, synopsis);
    for (int i = 2; i < argc; i++)
        if (!parse_long(argv[i], 1, max, &priority))
            return usage(argc, argv, synopsis);

    struct posix_queue_name name = {0};
    if (!posix_queue_name(&name, argv[1]))
        err(1, "ftok %s", argv[1]);
    mqd_t queue = mq_open(name.text, O_WRONLY);
    if (queue == -1)
        err(1, "mq_open %s: is the receiver running?", name.text);

    uint32_t sent = 0;
    for (int i = 2; i < argc; i++) {
        struct reading r = reading_sample(++sent);
        parse_long(argv[i], 1, max, &priority);
        send_reading(queue, &r, (unsigned)priority);
    }
    struct reading end = {.kind = READING_END, .seq = sent};
    send_reading(queue, &end, 0);
    return 0;
}
