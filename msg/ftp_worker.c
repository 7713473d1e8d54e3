/*
 * msg/ftp_worker.c -- send one file into a client's message queue, and end.
 *
 * Shows:   All that a program has left when another one starts it well: no
 *          input, a pipe to report to, a folder to work in, a user to be and
 *          three numbers. It cannot do more than that user may.
 *
 * Run:     msg/ftp_server.c starts it, once for each file
 *
 * Read:    execve(2), msgrcv(2), openat2(2), msgsnd(2), msgctl(2)
 */
#define _GNU_SOURCE // O_PATH, IPC_INFO
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <unistd.h>

#include "../common/beneath.h"
#include "../common/cksum.h"
#include "../common/ending.h"
#include "../common/program.h"
#include "ftp/ftp_queue.h"

struct transfer {
    long server; // the queue that PATH must mean
    long limit;  // in seconds
    char path[FTP_SIZE_MAX];
    char outcome[128]; // in words
    int file;
    uint64_t total; // its bytes, when it was opened
    uint64_t sent;
    size_t room;  // for bytes in one message
    size_t count; // of those there now
    struct cksum sum;
    struct ftp_msg msg;
};

static int queue = -1;                      // the client's
static volatile sig_atomic_t request_taken; // so its owner did call us

// Told to end: tell the client, by the end of its queue.
static void give_up(int number)
{
    if (request_taken)
        msgctl(queue, IPC_RMID, NULL);
    end_by(number);
}

static enum ftp_event trouble(struct transfer *t, const char *why)
{
    snprintf(t->outcome, sizeof t->outcome, "%s", why);
    return ON_TROUBLE;
}

// Take PATH out of the queue, now or never: a call to a queue by anybody but
// its owner finds none, and then nothing is done to that queue.
static enum ftp_event take(struct transfer *t)
{
    struct ftp_message request;

    ssize_t n =
        msgrcv(queue, &t->msg, sizeof t->msg.path, FTP_PATH, IPC_NOWAIT);
    if (n == -1) {
        trouble(t, "refused: its queue has no request in it");
        return ON_NOTHING;
    }
    request_taken = true;

    if (!ftp_decode(&request, &t->msg, (size_t)n)) {
        trouble(t, "refused: malformed request");
        return ON_NONSENSE;
    }
    memcpy(t->path, request.bytes, request.count); // behind it, it is all NULs
    if (request.queue != (uint32_t)t->server) {
        trouble(t, "refused: a request to another server");
        return ON_NONSENSE;
    }
    return ON_DID;
}

// How much of a file a message takes: as much as we can send, the system lets a
// message be, and its queue holds.
static size_t room_in_message(void)
{
    const size_t head = offsetof(struct ftp_data_wire, bytes);
    size_t size = FTP_SIZE_MAX;
    struct msginfo limits;
    struct msqid_ds about;

    if (msgctl(0, IPC_INFO, (struct msqid_ds *)&limits) != -1 &&
        (size_t)limits.msgmax < size)
        size = (size_t)limits.msgmax;
    if (msgctl(queue, IPC_STAT, &about) != -1 && about.msg_qbytes < size)
        size = about.msg_qbytes;
    return size > head ? size - head : 1;
}

static enum ftp_event open_file(struct transfer *t)
{
    struct stat about = {0};

    t->file = open_file_beneath(AT_FDCWD, t->path, &about);
    if (t->file == -1)
        return trouble(t, errno == EXDEV     ? "Leads out of the folder served"
                          : errno == ENOTSUP ? "Not a regular file"
                                             : strerror(errno));
    t->total = (uint64_t)about.st_size;
    t->room = room_in_message();
    cksum_start(&t->sum);
    return ON_DID;
}

// Straight to where it is sent from: no byte is copied here.
static enum ftp_event read_file(struct transfer *t)
{
    ssize_t n;

    do
        n = read(t->file, t->msg.data.bytes, t->room);
    while (n == -1 && errno == EINTR);
    if (n == -1)
        return trouble(t, strerror(errno));
    if (n == 0)
        return ON_END_OF_FILE;
    t->count = (size_t)n;
    cksum_add(&t->sum, t->msg.data.bytes, t->count);
    return ON_BYTES;
}

static enum ftp_event put(struct transfer *t, const struct ftp_message *m)
{
    enum ftp_event event = ftp_send(queue, &t->msg, m, t->limit);

    return event == ON_TROUBLE ? trouble(t, strerror(errno)) : event;
}

static enum ftp_event send_data(struct transfer *t)
{
    struct ftp_message m = {
        .kind = FTP_DATA,
        .offset = t->sent,
        .total = t->total,
        .bytes = t->msg.data.bytes,
        .count = t->count,
    };

    enum ftp_event event = put(t, &m);
    if (event == ON_DID)
        t->sent += t->count;
    return event;
}

static enum ftp_event carry_out(struct transfer *t, enum ftp_action action)
{
    struct ftp_message m;

    switch (action) {
    case DO_TAKE:
        return take(t);
    case DO_OPEN:
        return open_file(t);
    case DO_READ:
        return read_file(t);
    case DO_SEND:
        return send_data(t);
    case DO_SEND_EOT:
        m = (struct ftp_message){
            .kind = FTP_EOT, .offset = t->sent, .cksum = cksum_end(&t->sum)};
        return put(t, &m);
    case DO_REFUSE:
        m = (struct ftp_message){.kind = FTP_ERROR,
                                 .bytes = t->outcome,
                                 .count = strlen(t->outcome)};
        return put(t, &m);
    case DO_AWAIT:
        return ftp_receive(queue, &t->msg, &m, FTP_DONE, t->limit);
    default:
        return trouble(t, "an action for a client");
    }
}

// Put into words what became of it, if that is not done yet. True if all is
// well.
static bool sum_up(struct transfer *t, enum ftp_event event)
{
    if (t->outcome[0] != '\0')
        return false;
    if (event == ON_DONE)
        snprintf(t->outcome, sizeof t->outcome,
                 "sent, %" PRIu64 " bytes, cksum %" PRIu32, t->sent,
                 cksum_end(&t->sum));
    else if (event == ON_SILENCE)
        snprintf(t->outcome, sizeof t->outcome,
                 "the client took nothing for %ld s, after %" PRIu64 " bytes",
                 t->limit, t->sent);
    else
        snprintf(t->outcome, sizeof t->outcome,
                 "the client gave up, after %" PRIu64 " bytes", t->sent);
    return event == ON_DONE;
}

int main(int argc, char *argv[])
{
    program_start();
    static struct transfer t; // all zero
    long client;
    if (argc != 4 || !parse_long(argv[1], 0, INT_MAX, &t.server) ||
        !parse_long(argv[2], 0, INT_MAX, &client) ||
        !parse_long(argv[3], 1, 3600, &t.limit))
        return usage(argc, argv, "ftp_worker SERVER_QUEUE QUEUE SECONDS");

    queue = (int)client;
    before_ending(give_up);
    start_alarm_ticks(1);

    struct ftp_step step = {WORKER_STARTING, DO_TAKE};
    enum ftp_event event = ON_DID;
    while (step.action != DO_END && step.action != DO_REMOVE) {
        event = carry_out(&t, step.action);
        step = ftp_worker_step(step.state, event);
    }
    if (step.action == DO_REMOVE) // it is the client's, but it wakes him
        msgctl(queue, IPC_RMID, NULL);

    bool well = sum_up(&t, event);
    printf("%.255s%s%s\n", t.path, t.path[0] == '\0' ? "" : ": ", t.outcome);
    return well ? 0 : 1;
}
