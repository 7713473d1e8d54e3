/*
 * msg/ftp_server/workers.h -- the workers: one process for each request.
 */
#ifndef MSG_FTP_SERVER_WORKERS_H
#define MSG_FTP_SERVER_WORKERS_H

#include <stdbool.h>
#include <sys/ipc.h>
#include <sys/msg.h>

extern long workers_timeout_s; // for a client that does not receive
extern bool workers_failed;    // a request was not served

// How many there are; workers_full if no more are allowed.
int workers_count(void);
bool workers_full(void);

// Start one for the client with that queue.
void workers_start(int queue, const struct msqid_ds *about);

// Log what one says that has ended, if there is one. With 0 for options, wait
// for it.
bool workers_reap(int options);

// Send all of them that signal; a signal handler may call it.
void workers_kill(int number);

#endif
