/*
 * msg/posix_queue.h -- the name of a POSIX queue that belongs to a file.
 */
#ifndef MSG_POSIX_QUEUE_H
#define MSG_POSIX_QUEUE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/ipc.h>

#include "../common/program.h"
#include "../common/reading.h"

#define POSIX_QUEUE_SIZE 4 // messages; by default 10 are the most (msg_max)

struct posix_queue_name {
    char text[16]; // "/ipc-49008590"
};

// A name would do, such as "/readings"; but any number of tests and people run
// these lessons at once. So it is made of the file's key. False and errno.
static inline bool posix_queue_name(struct posix_queue_name *name,
                                    const char *file)
{
    key_t key = ftok(file, IPC_PROJECT);

    snprintf(name->text, sizeof name->text, "/ipc-%08x", (unsigned)key);
    return key != -1;
}

#endif
