/*
 * msg/ftp/ftp_queue.h -- messages of common/ftp.h into a queue and out of it,
 * each within a time limit.
 *
 * The limit counts alarms that interrupt a call which blocks: one a second, by
 * start_alarm_ticks(1) of ending.h. A call that does not block costs nothing
 * more.
 */
#ifndef MSG_FTP_FTP_QUEUE_H
#define MSG_FTP_FTP_QUEUE_H

#include <errno.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "ftp_machine.h"
#include "ftp_message.h"

// A call has failed, or been interrupted: ON_DID if it is to be repeated.
static inline enum ftp_event ftp_after_failure(long *waited, long limit)
{
    if (errno == EIDRM || errno == EINVAL) // removed meanwhile, or before
        return ON_GONE;
    if (errno != EINTR)
        return ON_TROUBLE;
    return ++*waited < limit ? ON_DID : ON_SILENCE;
}

// Send *m, by way of *msg. ON_DID, ON_GONE, ON_SILENCE; or ON_TROUBLE and
// errno.
static inline enum ftp_event ftp_send(int queue, struct ftp_msg *msg,
                                      const struct ftp_message *m, long limit)
{
    size_t size = ftp_encode(msg, m);
    enum ftp_event event = ON_DID;

    for (long waited = 0; event == ON_DID;) {
        if (msgsnd(queue, msg, size, 0) == 0)
            return ON_DID;
        event = ftp_after_failure(&waited, limit);
    }
    return event;
}

// Receive a message of that type (as msgrcv's msgtyp) into *msg, and *m. The
// event says what it is; or it is ON_GONE, ON_SILENCE, ON_TROUBLE and errno.
static inline enum ftp_event ftp_receive(int queue, struct ftp_msg *msg,
                                         struct ftp_message *m, long type,
                                         long limit)
{
    enum ftp_event event = ON_DID;

    for (long waited = 0; event == ON_DID;) {
        ssize_t n = msgrcv(queue, msg, FTP_SIZE_MAX, type, 0);
        if (n == -1)
            event = ftp_after_failure(&waited, limit);
        else if (!ftp_decode(m, msg, (size_t)n))
            event = ON_NONSENSE;
        else
            event = m->kind == FTP_DATA    ? ON_DATA
                    : m->kind == FTP_EOT   ? ON_EOT
                    : m->kind == FTP_ERROR ? ON_ERROR
                    : m->kind == FTP_DONE  ? ON_DONE
                                           : ON_NONSENSE;
    }
    return event;
}

#endif
