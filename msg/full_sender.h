/*
 * msg/full_sender.h -- whether a process waits in msgsnd, seen from outside.
 */
#ifndef MSG_FULL_SENDER_H
#define MSG_FULL_SENDER_H

#include "../common/proc.h"
#include "../common/sysv_call.h"
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
    struct sysv_call c;
    if (!sysv_call_read(&c, line) || c.operation != SYSV_MSGSND)
        return false;
    snprintf(call, size, "msgsnd(%d, 0x%lx, %lu, %lu)", c.id, c.address, c.size,
             c.flags);
    return true;
}

#endif
