/*
 * msg/duplex.h -- what the two ends of msg/duplex_* say to each other.
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

#endif
