/*
 * msg/reading_queue.h -- readings in a queue: their struct, both ways to it, as
 * in msg/basic_recv.c and msg/basic_send.c, and what a receiver has to ask and
 * to remove, since a queue belongs to no process.
 */
#ifndef MSG_READING_QUEUE_H
#define MSG_READING_QUEUE_H

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <time.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "../common/termination.h"

struct reading_msg {
    long mtype; // whatever a lesson makes of it; the kernel wants 1 or more
    struct reading_wire wire;
    char longer; // never sent: room to see that what arrives is too long
};

// What msgrcv is told: the size of what follows mtype.
#define READING_MSG_SIZE (sizeof(struct reading_wire) + 1)

static int queue_to_remove = -1; // what queue_remove_at_end() was given

static inline void queue_remove(void)
{
    msgctl(queue_to_remove, IPC_RMID, NULL);
}

// Remove the queue when this process ends, by exit(3) or by a signal. Lets
// termination signals in.
static inline void queue_remove_at_end(int queue)
{
    queue_to_remove = queue; // global: a handler takes no arguments
    on_termination(queue_remove);
}

// Whether our own user made the queue. msgget finds those of other users, too,
// if their mode or root's privilege allows it: leave them alone. If not, errno
// is EPERM.
static inline bool queue_is_own(int queue)
{
    struct msqid_ds about = {.msg_perm.cuid = (uid_t)-1};

    if (msgctl(queue, IPC_STAT, &about) == -1 && errno != EACCES)
        return true; // it was removed meanwhile: the next call will say so
    errno = EPERM;
    return about.msg_perm.cuid == geteuid();
}

// For a receiver: make the file's queue, or take over what a killed one left,
// and have it removed at the end. Ends here if there is none to be had.
static inline int queue_make(const char *file)
{
    key_t key = ftok(file, IPC_PROJECT);

    block_termination();
    int id = key == -1 ? -1 : msgget(key, IPC_CREAT | 0600);
    if (id == -1 || !queue_is_own(id))
        errx(1, "%s: %s", file, ipc_strerror(errno));
    queue_remove_at_end(id);
    return id;
}

// For a sender: find the file's queue. Ends here if there is none.
static inline int queue_find(const char *file)
{
    key_t key = ftok(file, IPC_PROJECT);
    int id = key == -1 ? -1 : msgget(key, 0);

    if (id == -1)
        err(1, "%s: is the receiver running?", file);
    return id;
}

// Whether the process that sent last has ended, and that more than two seconds
// after it sent. A queue has no end of file, so ask: its msg_lspid, and kill
// with signal 0, which only looks. The last sender of an earlier receiver does
// not count: something is in the queue, or we have received it.
static inline bool sender_has_ended(int queue)
{
    struct msqid_ds about;

    return msgctl(queue, IPC_STAT, &about) == 0 && about.msg_lspid > 0 &&
           (about.msg_qnum > 0 || about.msg_lrpid == getpid()) &&
           time(NULL) > about.msg_stime + 2 && kill(about.msg_lspid, 0) == -1 &&
           errno == ESRCH;
}

#endif
