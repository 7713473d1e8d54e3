/*
 * msg/bench.c -- what a message queue costs, as the lessons use it and faster.
 *
 * Shows:   msgsnd   as the lessons do: one call for each message
 *          full     as msg/ftp does: messages as long as the kernel allows.
 *                   Many that are small go together in one, a larger one in
 *                   pieces
 *          posix    a POSIX queue for each direction: one mq_send for each
 *          bare...  the calls of each, and nothing else
 *
 * Run:     $ build/msg/bench --quick README.md
 *
 * Prints:  way <columns>
 *          <...>
 *
 * Read:    sysvipc(7), msgget(2), msgsnd(2), msgrcv(2), msgctl(2),
 *          mq_overview(7), mq_open(3), mq_send(3), mq_receive(3)
 */
#define _GNU_SOURCE // IPC_INFO; bench.h
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <unistd.h>

#include "../common/bench/bench.h"
#include "../common/program.h"
#include "../common/termination.h"

static int queue = -1;
static size_t longest; // bytes in a message: 8192, by default

static void remove_queue(void)
{
    msgctl(queue, IPC_RMID, NULL);
}

static void open_nothing(size_t size)
{
    (void)size; // the queue is there, and empty
}

static void close_nothing(void)
{
}

// The type stands in front of the bytes, where bench.h leaves room for it.
static void send_one(int where, const char *bytes, size_t size)
{
    long *message = (long *)(bytes - sizeof *message);

    *message = 1 + where;
    if (msgsnd(queue, message, size, 0) == -1)
        err(1, "msgsnd");
}

// cppcheck-suppress constParameter ; msgrcv writes there
static size_t receive_one(int where, char *bytes, size_t most)
{
    long *message = (long *)(bytes - sizeof *message);
    long before = *message; // the end of the piece in front

    ssize_t n = msgrcv(queue, message, most, 1 + where, 0);
    if (n == -1)
        err(1, "msgrcv");
    *message = before;
    return (size_t)n;
}

static long put_msgsnd(int where, const char *bytes, size_t size, long left)
{
    (void)left;
    send_one(where, bytes, size);
    return 1;
}

static long take_msgrcv(int where, char *bytes, size_t size, long left)
{
    (void)left;
    if (receive_one(where, bytes, size) != size)
        errx(1, "not the size that was sent");
    return 1;
}

static long put_full(int where, const char *bytes, size_t size, long left)
{
    if (size > longest) {
        for (size_t sent = 0; sent < size; sent += longest) {
            const char *piece = bytes + sent;
            long kept = *(long *)(piece - sizeof kept);
            send_one(where, piece,
                     size - sent < longest ? size - sent : longest);
            *(long *)(piece - sizeof kept) = kept;
        }
        return 1;
    }
    long fit = (long)(longest / size);
    long n = left < fit ? left : fit;
    send_one(where, bytes, (size_t)n * size);
    return n;
}

static long take_full(int where, char *bytes, size_t size, long left)
{
    (void)left;
    size_t n = receive_one(where, bytes, longest);
    while (n < size)
        n += receive_one(where, bytes + n, longest);
    return (long)(n / size);
}

static void bare_msgsnd(const char *bytes, size_t size, long count)
{
    long *message = (long *)(bytes - sizeof *message);

    *message = 1;
    while (count-- > 0)
        msgsnd(queue, message, size, 0);
}

// NOLINTNEXTLINE(readability-non-const-parameter): msgrcv writes there
static long bare_msgrcv(char *bytes, size_t size, long count)
{
    for (long i = 0; i < count; i++)
        msgrcv(queue, bytes - sizeof(long), size, 1, 0);
    return count;
}

// The same bytes in messages as long as may be, whatever they mean.
static void bare_full(const char *bytes, size_t size, long count)
{
    size_t all = size * (size_t)count;

    bare_msgsnd(bytes, longest, (long)(all / longest));
    if (all % longest > 0)
        bare_msgsnd(bytes, all % longest, 1);
}

static long bare_rest(char *bytes, size_t size, long count)
{
    size_t all = size * (size_t)count;

    bare_msgrcv(bytes, longest, (long)((all + longest - 1) / longest));
    return count;
}

// One for each direction, as there are no types. Its name goes at once: the
// child has the descriptor.
static mqd_t posix[2];

static void open_posix(size_t size)
{
    struct mq_attr attributes = {.mq_maxmsg = 10, .mq_msgsize = (long)size};
    char name[32];

    block_termination();
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "/ipc-bench-%d", (int)getpid());
        posix[i] = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
        if (posix[i] == -1 || mq_unlink(name) == -1)
            err(1, "mq_open");
    }
    unblock_termination();
}

static void close_posix(void)
{
    mq_close(posix[0]);
    mq_close(posix[1]);
}

static long put_posix(int where, const char *bytes, size_t size, long left)
{
    (void)left;
    if (mq_send(posix[where], bytes, size, 0) == -1)
        err(1, "mq_send");
    return 1;
}

static long take_posix(int where, char *bytes, size_t size, long left)
{
    (void)left;
    if (mq_receive(posix[where], bytes, size, NULL) != (ssize_t)size)
        err(1, "mq_receive");
    return 1;
}

int main(int argc, char *argv[])
{
    program_start();
    const size_t sizes[] = {64, 1024, 4096, 8192, 65536, MIB, 0};
    struct bench bench;
    if (!bench_asked(&bench, argc, argv, true))
        return usage(argc, argv, BENCH_SYNOPSIS "FILE [WAY]...");

    struct msginfo limits;
    if (msgctl(0, IPC_INFO, (struct msqid_ds *)&limits) == -1)
        err(1, "msgctl IPC_INFO");
    longest = limits.msgmax > 65536 ? 65536 : (size_t)limits.msgmax;
    key_t key = ftok(bench.file, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", bench.file);
    const struct bench_method methods[] = {
        {.name = "msgsnd",
         .most = longest,
         .open = open_nothing,
         .close = close_nothing,
         .put = put_msgsnd,
         .take = take_msgrcv},
        {.name = "full",
         .most = MIB,
         .open = open_nothing,
         .close = close_nothing,
         .put = put_full,
         .take = take_full},
        {.name = "posix",
         .most = 8192, // by default: msgsize_max
         .open = open_posix,
         .close = close_posix,
         .put = put_posix,
         .take = take_posix},
        {.name = "baremsgsnd",
         .most = longest,
         .open = open_nothing,
         .close = close_nothing,
         .put_bare = bare_msgsnd,
         .take_bare = bare_msgrcv},
        {.name = "barefull",
         .most = MIB,
         .open = open_nothing,
         .close = close_nothing,
         .put_bare = bare_full,
         .take_bare = bare_rest},
    };

    int old = msgget(key, 0); // one that a killed run has left
    if (old != -1 && msgctl(old, IPC_RMID, NULL) == -1)
        err(1, "msgctl");
    block_termination();
    queue = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
    if (queue == -1)
        errx(1, "msgget %s: %s", bench.file, ipc_strerror(errno));
    bench_on_termination(remove_queue);
    return bench_run(&bench, methods, sizeof methods / sizeof *methods, sizes);
}
