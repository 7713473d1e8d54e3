/*
 * msg/full_sender.h -- whether a process waits in msgsnd, seen from outside.
 */
#ifndef MSG_FULL_SENDER_H
#define MSG_FULL_SENDER_H

#include <stdlib.h>
#include <sys/syscall.h>

#include "../common/proc.h"
#include "reading_queue.h"

// Put the call that the process is in into words, if it is msgsnd: the line is
// "69 0x2a 0x7ff...", its number and its arguments. Where we may not see that,
// a process that sleeps has to do.
static inline bool waits_in_msgsnd(pid_t pid, char *call, size_t size)
{
    char line[512];
    if (!proc_read(pid, "syscall", line, sizeof line)) {
        snprintf(call, size, "msgsnd, as it seems");
        return proc_state(pid) == 'S';
    }
    char *argument;
    if (strtol(line, &argument, 10) != SYS_msgsnd)
        return false;
    unsigned long id = strtoul(argument, &argument, 16);
    unsigned long address = strtoul(argument, &argument, 16);
    unsigned long length = strtoul(argument, &argument, 16);
    unsigned long flags = strtoul(argument, &argument, 16);
    snprintf(call, size, "msgsnd(%lu, 0x%lx, %lu, %lu)", id, address, length,
             flags);
    return true;
}

#endif
