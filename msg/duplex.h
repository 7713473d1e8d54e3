/*
 * msg/duplex.h -- what the two ends of msg/duplex_* say to each other, and the
 * clients that the server knows.
 *
 * A question goes to type 1, where the server waits; its answer, a reading, to
 * the type that is the client's process id, where no other process waits:
 *
 *     client 301                     one queue                   server
 *
 *     msgsnd   [ 1   | 301 #1 ] --------------------------->  msgrcv type 1
 *     msgrcv type 301  <--------------------- [ 301 | oslo #1 ]  msgsnd
 *
 * A queue does not leave the host, so host byte order and padding will do.
 */
#ifndef MSG_DUPLEX_H
#define MSG_DUPLEX_H

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "reading_queue.h"

#define QUESTION_TYPE 1 // no client has that process id: it is init's

struct question {
    pid_t client; // who asks, and the type of the answer
    uint32_t seq; // of the reading that is wanted; 0: thank you, that was all
};

struct question_msg {
    long mtype; // QUESTION_TYPE
    struct question question;
    char longer[24]; // never sent: room to see that what arrives is too long
};

// What msgrcv is told, for a question.
#define QUESTION_MSG_SIZE (sizeof(struct question) + 24)

#define CLIENTS_MAX 1000

// The clients that have asked, and have not said thank you.
struct client_list {
    int count;
    pid_t clients[CLIENTS_MAX];
};

static inline void client_list_add(struct client_list *list, pid_t client)
{
    for (int i = 0; i < list->count; i++)
        if (list->clients[i] == client)
            return;
    if (list->count < CLIENTS_MAX)
        list->clients[list->count++] = client;
}

static inline void client_list_remove(struct client_list *list, pid_t client)
{
    for (int i = 0; i < list->count; i++)
        if (list->clients[i] == client)
            list->clients[i] = list->clients[--list->count];
}

// Remove those whose process has ended, and say so. Returns how many.
static inline int client_list_remove_ended(struct client_list *list)
{
    int before = list->count;

    for (int i = before - 1; i >= 0; i--)
        if (kill(list->clients[i], 0) == -1 && errno == ESRCH) {
            printf("process %d has ended\n", list->clients[i]);
            client_list_remove(list, list->clients[i]);
        }
    return before - list->count;
}

#endif
