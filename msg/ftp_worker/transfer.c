/*
 * msg/ftp_worker/transfer.c -- one file, from a descriptor into a queue.
 */
#define _GNU_SOURCE // O_PATH, IPC_INFO
#include <stdio.h>
#include <sys/uio.h>

#include "../../common/beneath.h"
#include "transfer.h"

static enum ftp_event fail(struct transfer *t, enum ftp_event event,
                           const char *reason)
{
    snprintf(t->outcome, sizeof t->outcome, "%s", reason);
    return event;
}

// Without waiting: if a user named another user's queue, there is no PATH in
// it, and then nothing is done to that queue.
enum ftp_event transfer_receive_path(struct transfer *t)
{
    struct ftp_message request;

    ssize_t n =
        msgrcv(t->queue, &t->msg, sizeof t->msg.path, FTP_PATH, IPC_NOWAIT);
    if (n == -1)
        return fail(t, FTP_NO_REQUEST,
                    "refused: its queue has no request in it");
    t->has_request = 1;

    if (!ftp_decode(&request, &t->msg, (size_t)n))
        return fail(t, FTP_PROTOCOL_ERROR, "refused: malformed request");
    memcpy(t->path, request.bytes, request.count); // behind it, it is all NULs
    if (request.queue != (uint32_t)t->server)
        return fail(t, FTP_PROTOCOL_ERROR,
                    "refused: a request to another server");
    return FTP_OK;
}

// How much of a file a message takes: as much as ours may have, the system lets
// a message be, and its queue holds.
static size_t room_in_message(int queue)
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

enum ftp_event transfer_open(struct transfer *t)
{
    t->file = open_file_beneath(AT_FDCWD, t->path, &t->opened);
    if (t->file == -1)
        return fail(t, FTP_LOCAL_ERROR,
                    errno == EXDEV     ? "Leads out of the folder served"
                    : errno == ENOTSUP ? "Not a regular file"
                                       : strerror(errno));
    t->room = room_in_message(t->queue);
    cksum_start(&t->sum);
    return FTP_OK;
}

// Whether it is as long as it was, and was not written to: otherwise what was
// sent may be a mixture.
static bool is_unchanged(const struct transfer *t)
{
    struct stat now;

    return fstat(t->file, &now) == 0 && now.st_size == t->opened.st_size &&
           now.st_mtim.tv_sec == t->opened.st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == t->opened.st_mtim.tv_nsec;
}

// Straight to where they are sent from: no byte is copied here. And by one call
// for several messages: pages are 4096 bytes long and DATA has 8168, so that a
// call for each would begin and end in the middle of a page.
enum ftp_event transfer_read(struct transfer *t)
{
    struct iovec to[TRANSFER_BLOCKS];
    ssize_t n;

    if (t->unsent > 0)
        return FTP_DATA_READ;
    for (int i = 0; i < TRANSFER_BLOCKS; i++)
        to[i] = (struct iovec){t->block[i].data.bytes, t->room};
    do
        n = readv(t->file, to, TRANSFER_BLOCKS);
    while (n == -1 && errno == EINTR);
    if (n == -1)
        return fail(t, FTP_LOCAL_ERROR, strerror(errno));
    if (n == 0 && !is_unchanged(t))
        return fail(t, FTP_LOCAL_ERROR, "Was changed while it was sent");
    if (n == 0)
        return FTP_END_OF_FILE;
    t->unsent = (size_t)n;
    t->next = 0;
    return FTP_DATA_READ;
}

static enum ftp_event send_message(struct transfer *t, struct ftp_msg *msg,
                                   const struct ftp_message *m)
{
    enum ftp_event event = ftp_send(t->queue, msg, m, t->timeout_s);

    return event == FTP_LOCAL_ERROR ? fail(t, event, strerror(errno)) : event;
}

enum ftp_event transfer_send_data(struct transfer *t)
{
    struct ftp_msg *block = &t->block[t->next++];
    struct ftp_message m = {
        .kind = FTP_DATA,
        .offset = t->sent,
        .total = (uint64_t)t->opened.st_size,
        .bytes = block->data.bytes,
        .count = t->unsent < t->room ? t->unsent : t->room,
    };

    cksum_add(&t->sum, m.bytes, m.count);
    enum ftp_event event = send_message(t, block, &m);
    if (event == FTP_OK) {
        t->sent += m.count;
        t->unsent -= m.count;
    }
    return event;
}

enum ftp_event transfer_send_eot(struct transfer *t)
{
    struct ftp_message m = {
        .kind = FTP_EOT,
        .offset = t->sent,
        .cksum = cksum_end(&t->sum),
    };

    return send_message(t, &t->msg, &m);
}

enum ftp_event transfer_send_error(struct transfer *t)
{
    struct ftp_message m = {
        .kind = FTP_ERROR,
        .bytes = t->outcome,
        .count = strlen(t->outcome),
    };

    return send_message(t, &t->msg, &m);
}

enum ftp_event transfer_wait_confirm(struct transfer *t)
{
    struct ftp_message m;

    return ftp_receive(t->queue, &t->msg, &m, FTP_DONE, t->timeout_s);
}
