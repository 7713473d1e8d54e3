/*
 * msg/ftp_server/client_queue.h -- whose queue is it that a CALL names?
 */
#ifndef MSG_FTP_SERVER_CLIENT_QUEUE_H
#define MSG_FTP_SERVER_CLIENT_QUEUE_H

#include <sys/ipc.h>
#include <sys/msg.h>

// As msgctl with IPC_STAT, also for a queue that only others may read. 0; -1
// and errno.
int client_queue_stat(int queue, struct msqid_ds *about);

// Why its owner is not to be served; NULL if there is no reason.
const char *client_queue_refusal(const struct ipc_perm *p);

// No worker will answer the request in that queue: send ERROR with the reason.
// Does nothing to a queue without a request.
void client_queue_send_error(int queue, const char *reason);

#endif
