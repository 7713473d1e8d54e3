/*
 * msg/ftp_client/transfer.c -- one file, from a queue into the file system.
 */
#define _GNU_SOURCE // O_PATH, O_TMPFILE
#include <err.h>
#include <inttypes.h>

#include "../../common/printable.h"
#include "../../common/stream.h"
#include "transfer.h"

static enum ftp_event fail(struct transfer *t, const char *what,
                           const char *reason)
{
    progress_end(&t->progress);
    warnx("%s: %s", what, reason);
    return FTP_LOCAL_ERROR;
}

// PATH first: when CALL brings a worker to our queue, it is there.
enum ftp_event transfer_call(struct transfer *t)
{
    // Step 1: put PATH into our queue, and CALL into the server's
    struct ftp_message path = {
        .kind = FTP_PATH,
        .queue = (uint32_t)t->server,
        .bytes = t->from,
        .count = strlen(t->from),
    };
    struct ftp_message call = {.kind = FTP_CALL, .queue = (uint32_t)t->queue};
    if (ftp_send(t->queue, t->msg, &path, t->timeout_s) != FTP_OK)
        return fail(t, "msgsnd", strerror(errno));
    enum ftp_event event = ftp_send(t->server, t->msg, &call, t->timeout_s);
    return event == FTP_LOCAL_ERROR ? fail(t, "the server", strerror(errno))
                                    : event;
}

// The next answer. Our own PATH and DONE are in the queue as well; but their
// types are above those of the answers.
enum ftp_event transfer_receive(struct transfer *t)
{
    // Step 2: receive the next answer, and see whether it continues the file
    enum ftp_event event = ftp_receive(t->queue, &t->msg[t->unwritten_count],
                                       &t->m, -FTP_ERROR, t->timeout_s);
    if (event == FTP_LOCAL_ERROR)
        return fail(t, "msgrcv", strerror(errno));
    if ((event == FTP_DATA_RECEIVED || event == FTP_EOT_RECEIVED) &&
        t->m.offset != t->received)
        return FTP_PROTOCOL_ERROR;
    if (event == FTP_EOT_RECEIVED && t->m.cksum != cksum_end(&t->sum))
        return fail(t, t->from, "arrived damaged");
    return event;
}

static int write_out(struct transfer *t)
{
    int count = t->unwritten_count;

    t->unwritten_count = 0;
    return writev_full(t->target.file, t->unwritten, count);
}

enum ftp_event transfer_store(struct transfer *t)
{
    struct atomic_file *to = &t->target;

    // Step 3: write the bytes, several messages at once, and count them
    // and their checksum
    if (to->file == -1 && atomic_file_create(to) == -1)
        return fail(t, to->path, strerror(errno));
    t->unwritten[t->unwritten_count] = (struct iovec){
        t->msg[t->unwritten_count].data.bytes,
        t->m.count,
    };
    if (++t->unwritten_count == TRANSFER_BLOCKS && write_out(t) == -1)
        return fail(t, to->path, strerror(errno));
    cksum_add(&t->sum, t->m.bytes, t->m.count);
    t->received += t->m.count;
    progress_show(&t->progress, t->received, t->m.total);
    return FTP_OK;
}

enum ftp_event transfer_commit(struct transfer *t)
{
    struct atomic_file *to = &t->target;

    // Step 4: write the rest, and give the file its name
    if ((to->file == -1 && atomic_file_create(to) == -1) || // an empty one
        write_out(t) == -1 || atomic_file_commit(to) == -1)
        return fail(t, to->path, strerror(errno));
    return FTP_OK;
}

enum ftp_event transfer_send_done(struct transfer *t)
{
    // Step 5: tell the worker that the file is there
    const struct ftp_message done = {.kind = FTP_DONE};
    return ftp_send(t->queue, t->msg, &done, t->timeout_s);
}

void transfer_explain(struct transfer *t, enum ftp_event event)
{
    char reason[256];

    progress_end(&t->progress);
    switch (event) {
    case FTP_ERROR_RECEIVED:
        snprintf(reason, sizeof reason, "%.*s", (int)t->m.count,
                 (const char *)t->m.bytes);
        warnx("%s: %s", t->from, printable(reason));
        break;
    case FTP_QUEUE_REMOVED:
        warnx("%s: the server gave up, after %" PRIu64 " bytes", t->from,
              t->received);
        break;
    case FTP_TIMEOUT:
        warnx("%s: nothing from the server for %ld s, after %" PRIu64 " bytes",
              t->from, t->timeout_s, t->received);
        break;
    case FTP_LOCAL_ERROR:
        break;
    default:
        warnx("%s: the server breaks the protocol", t->from);
    }
}
