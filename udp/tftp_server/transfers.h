/*
 * udp/tftp_server/transfers.h -- the processes that are at work, one a
 * transfer.
 *
 * Nobody who asks has to say who he is, so anybody can ask a lot. There are
 * never more than TRANSFERS_MAX processes. When all are busy, the oldest whose
 * address has not answered yet makes room: a forged request costs nothing but
 * its place, and that not for long.
 *
 * What the children know and the server has to - whether the address has
 * answered - is in memory that they share.
 */
#ifndef UDP_TFTP_SERVER_TRANSFERS_H
#define UDP_TFTP_SERVER_TRANSFERS_H

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../../common/address.h"
#include "../tftp/tftp_events.h"

#define TRANSFERS_MAX 128
#define PLAIN_MAX 8 // of one host, plain and not answered: see may_begin

struct transfer {
    pid_t pid; // 0: none
    bool plain;
    uint32_t request; // its checksum
    int64_t since;
    struct sockaddr_storage from;
};

struct transfers {
    struct transfer at[TRANSFERS_MAX];
    struct tftp_asker *asker; // one each, shared
};

static inline int transfers_start(struct transfers *all)
{
    *all = (struct transfers){0};
    all->asker =
        mmap(NULL, TRANSFERS_MAX * sizeof *all->asker, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return all->asker == MAP_FAILED ? -1 : 0;
}

static inline bool transfers_answered(const struct transfers *all, int i)
{
    return atomic_load(&all->asker[i].answered);
}

// Forget those that have ended. How many there are.
static inline int transfers_reap(struct transfers *all)
{
    int busy = 0;

    for (int i = 0; i < TRANSFERS_MAX; i++) {
        struct transfer *t = &all->at[i];
        if (t->pid != 0 && waitpid(t->pid, NULL, WNOHANG) != 0)
            t->pid = 0;
        busy += t->pid != 0;
    }
    return busy;
}

static inline void transfers_kill(struct transfers *all, int i)
{
    kill(all->at[i].pid, SIGKILL);
    while (waitpid(all->at[i].pid, NULL, 0) == -1 && errno == EINTR)
        ;
    all->at[i].pid = 0;
}

static inline void transfers_end(struct transfers *all)
{
    for (int i = 0; i < TRANSFERS_MAX; i++)
        if (all->at[i].pid != 0)
            transfers_kill(all, i);
}

// A request of that many bytes has come that may have come before: while its
// address has not answered, the same again is a repetition, and another one
// takes its place. Whether it is a repetition.
static inline bool transfers_again(struct transfers *all,
                                   const struct sockaddr_storage *from,
                                   uint32_t request, size_t n)
{
    for (int i = 0; i < TRANSFERS_MAX; i++) {
        if (all->at[i].pid == 0 || !address_same(&all->at[i].from, from) ||
            transfers_answered(all, i))
            continue;
        if (all->at[i].request != request) {
            transfers_kill(all, i);
            continue;
        }
        atomic_fetch_add(&all->asker[i].bytes, (unsigned)n);
        atomic_fetch_add(&all->asker[i].requests, 1);
        return true;
    }
    return false;
}

// Whether this request may be answered. A plain one gets 516 bytes for its 20:
// who forges its sender could use that against whoever lives there. So of one
// host only a few of those are under way that have not answered yet.
static inline bool transfers_may_begin(const struct transfers *all,
                                       const struct sockaddr_storage *from,
                                       bool plain)
{
    int count = 0;

    for (int i = 0; i < TRANSFERS_MAX; i++)
        count += all->at[i].pid != 0 && all->at[i].plain &&
                 !transfers_answered(all, i) &&
                 tftp_same_host(&all->at[i].from, from);
    return !plain || count < PLAIN_MAX;
}

// A place for one more, if need be that of the oldest that has not answered.
// -1: all of them are at work.
static inline int transfers_place(struct transfers *all)
{
    int oldest = -1;

    for (int i = 0; i < TRANSFERS_MAX; i++) {
        if (all->at[i].pid == 0)
            return i;
        if (!transfers_answered(all, i) &&
            (oldest == -1 || all->at[i].since < all->at[oldest].since))
            oldest = i;
    }
    if (oldest != -1)
        transfers_kill(all, oldest);
    return oldest;
}

#endif
