/*
 * msg/ftp/ftp_queue.h -- messages of common/ftp.h into a queue and out of it,
 * each within a time limit.
 *
 * The limit counts alarms that interrupt a call which blocks: one a second, by
 * set_alarm(1) of common/termination.h. A call that does not block
 * costs nothing more.
 */
#ifndef MSG_FTP_FTP_QUEUE_H
#define MSG_FTP_FTP_QUEUE_H

#include <errno.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "ftp_machine.h"
#include "ftp_message.h"

// A call has failed: FTP_OK if it was only interrupted, and is to be repeated.
static inline enum ftp_event ftp_after_failure(long *ticks, long timeout_s)
{
    if (errno == EIDRM || errno == EINVAL) // removed meanwhile, or before
        return FTP_QUEUE_REMOVED;
    if (errno != EINTR)
        return FTP_LOCAL_ERROR;
    return ++*ticks < timeout_s ? FTP_OK : FTP_TIMEOUT;
}

// Send *m, by way of *msg. FTP_OK, FTP_QUEUE_REMOVED, FTP_TIMEOUT; or
// FTP_LOCAL_ERROR and errno.
static inline enum ftp_event ftp_send(int queue, struct ftp_msg *msg,
                                      const struct ftp_message *m,
                                      long timeout_s)
{
    size_t size = ftp_encode(msg, m);
    enum ftp_event event = FTP_OK;

    for (long ticks = 0; event == FTP_OK;) {
        if (msgsnd(queue, msg, size, 0) == 0)
            return FTP_OK;
        event = ftp_after_failure(&ticks, timeout_s);
    }
    return event;
}

static inline enum ftp_event ftp_event_of(enum ftp_kind kind)
{
    switch (kind) {
    case FTP_DATA:
        return FTP_DATA_RECEIVED;
    case FTP_EOT:
        return FTP_EOT_RECEIVED;
    case FTP_ERROR:
        return FTP_ERROR_RECEIVED;
    case FTP_DONE:
        return FTP_DONE_RECEIVED;
    default:
        return FTP_PROTOCOL_ERROR;
    }
}

// Receive a message of that type (as msgrcv's msgtyp) into *msg, and *m. The
// event says what it is; or it is FTP_QUEUE_REMOVED, FTP_TIMEOUT,
// FTP_PROTOCOL_ERROR, FTP_LOCAL_ERROR and errno.
static inline enum ftp_event ftp_receive(int queue, struct ftp_msg *msg,
                                         struct ftp_message *m, long type,
                                         long timeout_s)
{
    enum ftp_event event = FTP_OK;

    for (long ticks = 0; event == FTP_OK;) {
        ssize_t n = msgrcv(queue, msg, FTP_SIZE_MAX, type, 0);
        if (n == -1)
            event = ftp_after_failure(&ticks, timeout_s);
        else if (ftp_decode(m, msg, (size_t)n))
            event = ftp_event_of(m->kind);
        else
            event = FTP_PROTOCOL_ERROR;
    }
    return event;
}

#endif
