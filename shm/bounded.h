/*
 * shm/bounded.h -- the bounded buffer: a ring of slots and one semaphore set,
 *                  for any number of senders and receivers.
 *
 * To send:                                 To receive:
 *
 *     EMPTY - 1, LOCK - 1,                     FULL - 1, LOCK - 1,
 *     CONSISTENT - 1                           CONSISTENT - 1
 *     fill slot tail, tail++                   read slot head, head++
 *     CONSISTENT + 1, LOCK + 1,                CONSISTENT + 1, LOCK + 1,
 *     FULL + 1                                 EMPTY + 1
 *
 * Each group of changes is one semop. So no process holds the lock while it
 * waits for a slot, and FULL is tail - head whenever the lock is free.
 *
 * A process can be killed while it holds the lock. LOCK is changed with
 * SEM_UNDO, so the kernel gives the lock back, but it cannot know what the
 * process had done by then. CONSISTENT is changed without. Both are equal
 * unless a process died between the two groups: then LOCK is 1 and CONSISTENT
 * is 0, no process gets in, and the first to notice counts again. (Robust
 * pthread mutexes have EOWNERDEAD and pthread_mutex_consistent for that.)
 * SENDERS and UNFINISHED are such a pair, too: they differ by the senders that
 * died before their END.
 */
#ifndef SHM_BOUNDED_H
#define SHM_BOUNDED_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "counter.h"
#include "segment.h"
#include "slot.h"

#define BOUNDED_MAGIC 0x626e6464u // "bndd"
#define BOUNDED_SLOTS 4096u       // a power of two: it has to divide 2^32

enum bounded_semaphore {
    EMPTY,
    FULL,
    LOCK,
    CONSISTENT,
    RECEIVERS,
    SENDERS,
    UNFINISHED,
    BOUNDED_SEMAPHORES,
};

struct bounded {
    struct segment_header header;
    uint32_t tail, head;       // put in and taken out so far, modulo 2^32
    bool begun;                // there has been a sender
    _Atomic uint64_t total[4]; // of those receivers that are done
    struct reading_slot slots[BOUNDED_SLOTS];
};

// Be the first receiver, and free the slots and the lock in the same step:
// until then all semaphores are 0, and a process that comes early waits.
static inline int bounded_open(int set)
{
    struct sembuf open[] = {{EMPTY, BOUNDED_SLOTS, 0},
                            {LOCK, 1, 0},
                            {CONSISTENT, 1, 0},
                            {RECEIVERS, 1, SEM_UNDO}};

    return semop(set, open, 4);
}

// Be one more receiver, or a sender, if there is a receiver: otherwise -1 and
// EAGAIN. It is counted until it leaves or dies.
static inline int bounded_join(int set, bool sends)
{
    struct sembuf join[] = {
        {RECEIVERS, -1, IPC_NOWAIT}, // only if there is one,
        {RECEIVERS, 1, 0},           // and then as it was
        {RECEIVERS, 1, SEM_UNDO}};
    struct sembuf join_sending[] = {{RECEIVERS, -1, IPC_NOWAIT},
                                    {RECEIVERS, 1, 0},
                                    {SENDERS, 1, SEM_UNDO},
                                    {UNFINISHED, 1, 0}};

    return sends ? semop(set, join_sending, 4) : semop(set, join, 3);
}

// If the last process that held the lock died, count the slots, and free it.
// -1 and errno: EAGAIN if that is not so, EPROTO if the counts cannot be true.
static inline int bounded_repair(int set, const struct bounded *shared)
{
    struct sembuf died[] = {{LOCK, -1, SEM_UNDO | IPC_NOWAIT},
                            {CONSISTENT, 0, IPC_NOWAIT}}; // 0: if it is 0
    struct sembuf repaired[] = {{CONSISTENT, 1, 0}, {LOCK, 1, SEM_UNDO}};

    if (semop(set, died, 2) == -1)
        return -1;
    uint32_t full = shared->tail - shared->head;
    if (full > BOUNDED_SLOTS) {
        errno = EPROTO;
        return -1;
    }
    union semun filled = {.val = (int)full};
    union semun empty = {.val = (int)(BOUNDED_SLOTS - full)};
    if (semctl(set, FULL, SETVAL, filled) == -1 ||
        semctl(set, EMPTY, SETVAL, empty) == -1)
        return -1;
    return semop(set, repaired, 2);
}

// True if nothing is left, and no sender is left to add anything.
static inline bool bounded_finished(int set, const struct bounded *shared,
                                    bool *died)
{
    unsigned short value[BOUNDED_SEMAPHORES] = {0}; // all of one moment

    if (semctl(set, 0, GETALL, (union semun){.array = value}) == -1)
        return true;
    *died = value[UNFINISHED] > value[SENDERS];
    return value[SENDERS] == 0 && value[FULL] == 0 && (*died || shared->begun);
}

// Add what this receiver counted to what all receivers did.
static inline void bounded_add_total(struct bounded *shared,
                                     const struct counter *counter)
{
    atomic_fetch_add(&shared->total[0], counter->arrived);
    atomic_fetch_add(&shared->total[1], counter->announced);
    atomic_fetch_add(&shared->total[2], counter->balance);
    atomic_fetch_add(&shared->total[3], counter->skipped);
}

static inline struct counter bounded_total(const struct bounded *shared)
{
    struct counter total = {0};

    total.arrived = atomic_load(&shared->total[0]);
    total.announced = atomic_load(&shared->total[1]);
    total.balance = atomic_load(&shared->total[2]);
    total.skipped = atomic_load(&shared->total[3]);
    return total;
}

#endif
