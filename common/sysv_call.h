/*
 * common/sysv_call.h -- which System V call a process sleeps in.
 *
 * /proc/PID/syscall shows the number of a system call and its arguments:
 *
 *     220 0x8 0x7ffd5a1c 0x2 0x0 0x0 0x0 0x7ffd5a00 0x7f41c6d1
 *
 * On i686 and s390x libc makes most of these calls through a single one,
 * ipc(2), whose first argument says which, and whose others are in an order of
 * their own.
 */
#ifndef COMMON_SYSV_CALL_H
#define COMMON_SYSV_CALL_H

#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>

// The numbers are those of ipc(2).
enum sysv_operation {
    SYSV_SEMOP = 1,
    SYSV_SEMTIMEDOP = 4,
    SYSV_MSGSND = 11,
    SYSV_MSGRCV = 12,
};

// Its arguments, as semop(2) and msgsnd(2) have them.
struct sysv_call {
    enum sysv_operation operation;
    int id;
    unsigned long address;
    unsigned long size;  // of the array, or of the message
    unsigned long flags; // of msgsnd
};

// The operation that a system call is, or 0.
static inline int sysv_operation(long number)
{
    switch (number) {
#ifdef SYS_semop
    case SYS_semop:
        return SYSV_SEMOP;
#endif
#ifdef SYS_semtimedop
    case SYS_semtimedop:
        return SYSV_SEMTIMEDOP;
#endif
#ifdef SYS_semtimedop_time64
    case SYS_semtimedop_time64:
        return SYSV_SEMTIMEDOP;
#endif
    case SYS_msgsnd:
        return SYSV_MSGSND;
    case SYS_msgrcv:
        return SYSV_MSGRCV;
    default:
        return 0;
    }
}

// Read what /proc/PID/syscall says; false if it is none of these calls.
static inline bool sysv_call_read(struct sysv_call *c, const char *line)
{
    char *end;
    unsigned long a[5];

    long number = strtol(line, &end, 10);
    if (end == line) // "running"
        return false;
    for (int i = 0; i < 5; i++)
        a[i] = strtoul(end, &end, 16);

    int operation = sysv_operation(number);
    c->id = (int)a[0];
    c->address = a[1];
    c->size = a[2];
    c->flags = a[3];
#ifdef SYS_ipc
    if (number == SYS_ipc) {
        operation = (int)(a[0] & 0xffff); // above it a version
        c->id = (int)a[1];
        c->size = a[2];
        c->flags = a[3];
        c->address = a[4];
    }
#endif
    c->operation = (enum sysv_operation)operation;
    return operation == SYSV_SEMOP || operation == SYSV_SEMTIMEDOP ||
           operation == SYSV_MSGSND || operation == SYSV_MSGRCV;
}

#endif
