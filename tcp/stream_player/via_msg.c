/*
 * tcp/stream_player/via_msg.c -- the stream goes through a message queue.
 *
 * A queue outlives its processes, and does not tell that the other end has
 * ended. So the adapter makes it, and removes it when the player has ended for
 * whatever reason; and the player removes it when the adapter has. What is not
 * read by then is lost with it, so the end of the stream is a message.
 *
 * Read:    msgget(2), msgsnd(2), msgrcv(2), msgctl(2)
 */
#define _GNU_SOURCE // pipe2
#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "../../common/stream.h"
#include "../../common/termination.h"
#include "adapter.h"

#define MESSAGE_BYTES 4096 // four of them fill a queue, by default

enum { STREAM_BYTES = 1, STREAM_END };

struct message {
    long type;
    char bytes[MESSAGE_BYTES];
};

static int queue = -1;
static int names[2]; // a pipe: the adapter says which queue it has made

static void remove_queue(void)
{
    msgctl(queue, IPC_RMID, NULL);
}

// -- the adapter --------------------------------------------------------------

static void pump(int to)
{
    struct message m;
    ssize_t n;

    queue = msgget(IPC_PRIVATE, 0600);
    if (queue == -1)
        warn("msgget");
    on_termination(remove_queue); // the player has ended: see set_pdeathsig
    if (queue == -1)
        return;
    if (write_full(names[1], &queue, sizeof queue) == -1) {
        warn("write");
        remove_queue();
        return;
    }

    do {
        n = msgrcv(queue, &m, sizeof m.bytes, 0, 0);
        if (n == -1 && errno != EINTR)
            break; // EIDRM: the player has removed it
        if (n > 0 && write_full(to, m.bytes, (size_t)n) == -1)
            break; // EPIPE: the decoder has closed its input
    } while (n == -1 || m.type == STREAM_BYTES);
    remove_queue(); // which wakes the player, if it waits for room
}

// -- the player ---------------------------------------------------------------

static bool start(struct player *p, char *command[])
{
    if (pipe2(names, O_CLOEXEC) == -1) {
        warn("pipe2");
        return false;
    }
    if (!adapter_start(p, command, pump))
        return false;
    close(names[1]);
    ssize_t n = read_full(names[0], &queue, sizeof queue);
    close(names[0]);
    if (n == sizeof queue)
        return true;
    if (n == -1)
        warn("read");
    queue = -1; // the adapter has said why
    return false;
}

// A queue is no descriptor: neither poll nor a pidfd can end this waiting, only
// a signal. One comes every second, and then we look whether they still run.
static int send_message(struct player *p, struct message *m, size_t count)
{
    int result = msgsnd(queue, m, count, IPC_NOWAIT), waited = 0;
    if (result == 0)
        return 0;

    set_alarm(1);
    do
        result = msgsnd(queue, m, count, 0);
    while (result == -1 && errno == EINTR && adapter_is_alive(p) &&
           ++waited < p->timeout_s);
    int error = errno;
    set_alarm(0);
    errno = waited == p->timeout_s ? ETIMEDOUT : error == EINTR ? EPIPE : error;
    if (errno == EIDRM || errno == EINVAL)
        errno = EPIPE;
    return result;
}

static int send_bytes(struct player *p, const char *bytes, size_t count)
{
    struct message m = {.type = STREAM_BYTES};

    while (count > 0) {
        size_t n = count < sizeof m.bytes ? count : sizeof m.bytes;
        memcpy(m.bytes, bytes, n);
        if (send_message(p, &m, n) == -1)
            return -1;
        bytes += n;
        count -= n;
    }
    return 0;
}

static int end_stream(struct player *p)
{
    struct message m = {.type = STREAM_END};

    return send_message(p, &m, 0);
}

const struct via via_msg = {"msg", start, send_bytes, end_stream, remove_queue};
