/*
 * tests/line.c -- a line between two network namespaces: so long, so wide, with
 *                 so much room in the queue before it, and with loss.
 *
 *     line NETNS NETNS DELAY_US LOSS_PERCENT [MBIT QUEUE_BYTES]
 *
 * A device tun0 appears in both, and "ready". What one sends, in packets of at
 * most 1500 bytes, the other one receives after DELAY_US, each way; a packet
 * that finds no room in the queue is lost, and so is one in a hundred for each
 * percent. Other than tbf and netem it needs nothing of the kernel but tun.
 */
#define _GNU_SOURCE // setns, ppoll
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 32768 // packets on their way, one way

struct packet {
    int64_t due; // in ns
    uint16_t size;
    uint8_t bytes[1514];
};

struct way {
    int from, to;
    unsigned first, end; // packets on the way
    int64_t idle;        // when the last of them has left the queue
    struct packet *packet;
};

static int64_t delay, ns_per_kib, queue; // ns; of queue, how long it takes
static double loss;

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int open_tun(const char *netns)
{
    struct ifreq request = {
        .ifr_flags = IFF_TUN | IFF_NO_PI,
        .ifr_name = "tun0",
    };
    char path[256];

    snprintf(path, sizeof path, "/run/netns/%s", netns);
    int space = open(path, O_RDONLY);
    if (space == -1 || setns(space, CLONE_NEWNET) == -1)
        err(1, "%s", path);
    int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    if (tun == -1 || ioctl(tun, TUNSETIFF, &request) == -1)
        err(1, "/dev/net/tun");
    close(space);
    return tun;
}

// Take in what was sent, as far as there is room in the queue.
static void take(struct way *w)
{
    while (w->end - w->first < SLOTS) {
        struct packet *p = &w->packet[w->end % SLOTS];
        ssize_t n = read(w->from, p->bytes, sizeof p->bytes);
        if (n <= 0)
            return;
        int64_t t = now();
        if (w->idle < t)
            w->idle = t;
        if (ns_per_kib > 0 && w->idle - t > queue)
            continue;
        w->idle += n * ns_per_kib / 1024;
        if (drand48() < loss)
            continue;
        p->size = (uint16_t)n;
        p->due = w->idle + delay;
        w->end++;
    }
}

// Hand over what has arrived. Returns when the next packet does, or 0.
static int64_t give(struct way *w)
{
    while (w->first != w->end) {
        struct packet *p = &w->packet[w->first % SLOTS];
        if (p->due > now())
            return p->due;
        if (write(w->to, p->bytes, p->size) == -1 && errno != EIO)
            warn("tun0"); // EIO: it is down
        w->first++;
    }
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc != 5 && argc != 7)
        errx(2, "usage: line NETNS NETNS DELAY_US LOSS_PERCENT "
                "[MBIT QUEUE_BYTES]");
    delay = atol(argv[3]) * 1000;
    loss = atof(argv[4]) / 100;
    if (argc == 7) {
        ns_per_kib = 8000L * 1024 / atol(argv[5]);
        queue = atol(argv[6]) * ns_per_kib / 1024;
    }
    int tun[2] = {open_tun(argv[1]), open_tun(argv[2])};
    struct way way[2] = {{.from = tun[0], .to = tun[1]},
                         {.from = tun[1], .to = tun[0]}};
    for (int i = 0; i < 2; i++) {
        way[i].packet = calloc(SLOTS, sizeof *way[i].packet);
        if (!way[i].packet)
            err(1, "calloc");
    }
    prctl(PR_SET_TIMERSLACK, 1);
    puts("ready");
    fflush(stdout);

    for (;;) {
        int64_t next = INT64_MAX;
        for (int i = 0; i < 2; i++) {
            take(&way[i]);
            int64_t due = give(&way[i]);
            if (due > 0 && due < next)
                next = due;
        }
        struct pollfd fds[] = {{tun[0], POLLIN, 0}, {tun[1], POLLIN, 0}};
        int64_t left = next - now();
        struct timespec wait = {left / 1000000000, left % 1000000000};
        if (left > 0)
            ppoll(fds, 2, next == INT64_MAX ? NULL : &wait, NULL);
    }
}
