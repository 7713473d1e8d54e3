/*
 * common/trace/kernel.h -- what the kernel itself says that it holds.
 *
 * To compare two accounts, both must be of the same moment. So each strace is
 * stopped: the processes then stop by themselves at their next call, or wait
 * in one. Nothing moves any more, and nobody has had a signal. That is a
 * checkpoint: who waits in a call, and what is in each object.
 */
#ifndef COMMON_TRACE_KERNEL_H
#define COMMON_TRACE_KERNEL_H

#include <stdint.h>
#include <sys/types.h>

#include "model.h"

#define FIGURES_MAX 64

// Of one object: what there is to compare.
struct figure {
    enum object_kind kind;
    char key[128];
    long long bytes; // -1: not known
    long long count; // messages, or processes that have attached it; -1
    // Of a connection: bytes that are not acknowledged; of a listener:
    // connections that are not complete; -1.
    long long on_way;
    bool joined; // datagrams may have been put together: do not count them
    int value[MODEL_SEMAPHORES];
    int values;
};

struct rest {
    pid_t pid;
    bool waits; // in a call
};

struct checkpoint {
    int64_t time_us;
    struct rest rests[FIGURES_MAX];
    int rest_count;
    struct figure figures[FIGURES_MAX];
    int figure_count;
    ino_t inodes[FIGURES_MAX]; // of the sockets that have been looked at
    int inode_count;
};

struct checkpoints {
    struct checkpoint *checkpoint;
    int count;
};

// Take one more, if all come to rest within a tenth of a second.
void checkpoint_take(struct checkpoints *all, const pid_t *straces, int count);
// The figure of this object; NULL if there are too many.
struct figure *checkpoint_figure(struct checkpoint *c, enum object_kind kind,
                                 const char *key);
// What is in a socket; only once, however many processes have it.
void read_socket(struct checkpoint *c, pid_t pid, int fd, ino_t inode);
void checkpoints_free(struct checkpoints *all);

// The processes that this strace traces, up to max of them: its descendants, as
// far as their parents are still there.
int traced_by(pid_t strace, pid_t *pids, int max);

#endif
