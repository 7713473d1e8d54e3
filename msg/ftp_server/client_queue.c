/*
 * msg/ftp_server/client_queue.c -- whose queue is it that a CALL names?
 *
 * The kernel says that: a message is only what its sender wrote.
 */
#define _GNU_SOURCE // MSG_STAT_ANY
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../ftp/ftp_message.h"
#include "client_queue.h"

// Root may always look, but not in a container that took CAP_IPC_OWNER away;
// there, look through all queues.
int client_queue_stat(int queue, struct msqid_ds *about)
{
    if (msgctl(queue, IPC_STAT, about) != -1)
        return 0;
    if (errno != EACCES)
        return -1;

    struct msginfo info;
    int highest = msgctl(0, MSG_INFO, (struct msqid_ds *)&info);
    for (int i = 0; i <= highest; i++)
        if (msgctl(i, MSG_STAT_ANY, about) == queue)
            return 0;
    errno = EINVAL;
    return -1;
}

const char *client_queue_refusal(const struct ipc_perm *p)
{
    // uid can be given away, by IPC_SET. Who made the queue stays what it was,
    // and keeps the right to read it. So look at cuid, and have nothing to do
    // with queues that have been passed on.
    if (p->uid != p->cuid)
        return "its queue was given away";
    // What is in it must come from its owner, and go nowhere else.
    if ((p->mode & 0077) != 0)
        return "its queue is open to others";
    if (geteuid() != 0 && p->cuid != geteuid())
        return "not the user that the server runs as";
    return NULL;
}

void client_queue_send_error(int queue, const char *reason)
{
    struct ftp_msg msg;
    struct ftp_message error = {
        .kind = FTP_ERROR,
        .bytes = reason,
        .count = strlen(reason),
    };

    if (msgrcv(queue, &msg, sizeof msg.path, FTP_PATH,
               IPC_NOWAIT | MSG_NOERROR) == -1)
        return;
    size_t size = ftp_encode(&msg, &error);
    msgsnd(queue, &msg, size, IPC_NOWAIT);
}
