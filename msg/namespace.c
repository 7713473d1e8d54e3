/*
 * msg/namespace.c -- one key, two queues: what a container sees.
 *
 * Shows:   Keys and ids belong to an IPC namespace. A process in another one,
 *          as in a container, finds no queue for the same key, and if it makes
 *          one that is another queue. When the last process of a namespace
 *          ends, its queues are removed.
 *
 * Run:     $ build/msg/namespace README.md
 *
 * Prints:  outside: key <key> is queue <id>, with 1 message
 *          <...>
 *          outside: still 1 message
 *
 * Read:    ipc_namespaces(7), ftok(3), msgget(2), msgsnd(2), fork(2),
 *          unshare(2), msgctl(2)
 */
#define _GNU_SOURCE // unshare
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/program.h"
#include "reading_queue.h"

static unsigned long messages_in(int id)
{
    struct msqid_ds about;

    if (msgctl(id, IPC_STAT, &about) == -1)
        err(1, "msgctl");
    return about.msg_qnum;
}

// In the child. A user namespace of our own gives the right to the other one,
// where the system lets ordinary users have one.
static void look_from_inside(key_t key)
{
    if (unshare(CLONE_NEWIPC) == -1 &&
        unshare(CLONE_NEWUSER | CLONE_NEWIPC) == -1) {
        printf("no namespace to be had here: %s\n", strerror(errno));
        return;
    }
    if (msgget(key, 0) == -1)
        printf("inside: key 0x%08x: %s\n", (unsigned)key, strerror(errno));
    int inner = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
    if (inner == -1)
        errx(1, "msgget: %s", ipc_strerror(errno));
    printf("inside: now it is queue %d, with %lu messages\n", inner,
           messages_in(inner));
    // No IPC_RMID: with us ends the namespace.
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "namespace FILE");

    key_t key = ftok(argv[1], IPC_PROJECT);
    block_termination();
    int queue = key == -1 ? -1 : msgget(key, IPC_CREAT | 0600);
    if (queue == -1 || !queue_is_own(queue))
        errx(1, "%s: %s", argv[1], ipc_strerror(errno));
    queue_remove_at_end(queue);

    struct reading_msg message = {.mtype = 1};
    if (msgsnd(queue, &message, sizeof message.wire, 0) == -1)
        err(1, "msgsnd");
    printf("outside: key 0x%08x is queue %d, with %lu message\n", (unsigned)key,
           queue, messages_in(queue));

    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        look_from_inside(key);
        return 0;
    }
    bool ok = child_succeeded(child, "child");
    printf("outside: still %lu message\n", messages_in(queue));
    return ok ? 0 : 1;
}
