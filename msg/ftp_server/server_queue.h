/*
 * msg/ftp_server/server_queue.h -- the queue in which clients call.
 */
#ifndef MSG_FTP_SERVER_SERVER_QUEUE_H
#define MSG_FTP_SERVER_SERVER_QUEUE_H

#include <stdbool.h>

#define WAKE_TYPE 1 // of an empty message, from a signal handler to main

extern int server_queue; // -1: none

// Open the queue that belongs to the file, or take over that of a server that
// was killed, with the calls in it. False if it is another user's, or if a
// server is at work there: that has been said.
bool server_queue_open(const char *file);

// Send the empty message; a signal handler may call it.
void server_queue_wake(void);

#endif
