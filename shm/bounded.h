/*
 * shm/bounded.h -- the bounded buffer: a ring of slots and one semaphore set,
 *                  for any number of processes that put in and take out.
 *
 * To put in:                               To take out:
 *
 *     EMPTY - 1, LOCK - 1, WHOLE - 1           FULL - 1, LOCK - 1, WHOLE - 1
 *     fill slot tail, tail++                   read slot head, head++
 *     WHOLE + 1, LOCK + 1, FULL + 1            WHOLE + 1, LOCK + 1, EMPTY + 1
 *
 * Each line of changes is one semop. So nobody holds the lock while he waits
 * for a slot, and FULL is tail - head whenever nobody holds it.
 *
 * A process can be killed while it holds the lock. LOCK is changed with
 * SEM_UNDO, so the kernel gives the lock back, but it cannot know what the
 * process had done by then. WHOLE is changed without. Both are equal unless
 * somebody died between the two lines: then LOCK is 1 and WHOLE is 0, nobody
 * gets in, and the first to notice counts again. SENDERS and UNFINISHED are
 * such a pair, too: they differ by those who died before their END.
 */
#ifndef SHM_BOUNDED_H
#define SHM_BOUNDED_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "segment.h"
#include "semaphores.h"
#include "slot.h"
#include "tally.h"

#define BOUNDED_MAGIC 0x626e6464u // "bndd"
#define BOUNDED_SLOTS 4096u       // a power of two: it has to divide 2^32

enum bounded_semaphore {
    EMPTY,
    FULL,
    LOCK,
    WHOLE,
    RECEIVERS,
    SENDERS,
    UNFINISHED,
    BOUNDED_SEMAPHORES,
};

struct bounded {
    struct segment_header header;
    uint32_t tail, head;       // put in and taken out so far, modulo 2^32
    bool begun;                // somebody has put something in
    _Atomic uint64_t total[4]; // of those receivers that are done
    struct slot slots[BOUNDED_SLOTS];
};

// Be the first receiver, and give the slots and the lock free in the same
// moment: until then all semaphores are 0, and whoever comes early waits.
static inline int bounded_open(int set)
{
    struct sembuf open[] = {{EMPTY, BOUNDED_SLOTS, 0},
                            {LOCK, 1, 0},
                            {WHOLE, 1, 0},
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

// If the last one who held the lock died, count the slots, and give it free.
// -1 and errno: EAGAIN if that is not so, or EPROTO if the counts are nonsense.
static inline int bounded_repair(int set, const struct bounded *shared)
{
    struct sembuf dead[] = {{LOCK, -1, SEM_UNDO | IPC_NOWAIT},
                            {WHOLE, 0, IPC_NOWAIT}}; // 0: if it is 0
    struct sembuf whole[] = {{WHOLE, 1, 0}, {LOCK, 1, SEM_UNDO}};

    if (semop(set, dead, 2) == -1)
        return -1;
    uint32_t full = shared->tail - shared->head;
    if (full > BOUNDED_SLOTS) {
        errno = EPROTO;
        return -1;
    }
    union semun filled = {.val = (int)full};
    union semun free = {.val = (int)(BOUNDED_SLOTS - full)};
    if (semctl(set, FULL, SETVAL, filled) == -1 ||
        semctl(set, EMPTY, SETVAL, free) == -1)
        return -1;
    return semop(set, whole, 2);
}

// Wait for one of these (EMPTY or FULL) and for the lock. 0; or -1 and errno:
// EAGAIN if nothing happens for a tenth of a second.
static inline int bounded_enter(int set, const struct bounded *shared,
                                enum bounded_semaphore one)
{
    struct sembuf enter[] = {
        {(unsigned short)one, -1, 0}, {LOCK, -1, SEM_UNDO}, {WHOLE, -1, 0}};

    if (semaphores_change(set, enter, 3) == 0)
        return 0;
    if (errno == EAGAIN && bounded_repair(set, shared) == 0)
        errno = EAGAIN;
    return -1;
}

// Give the lock back, and one of these.
static inline int bounded_leave(int set, enum bounded_semaphore one)
{
    struct sembuf give[] = {
        {WHOLE, 1, 0}, {LOCK, 1, SEM_UNDO}, {(unsigned short)one, 1, 0}};

    return semop(set, give, 3);
}

// The same after END: it is in the ring at the moment its sender is done.
static inline int bounded_leave_for_good(int set)
{
    struct sembuf give[] = {{WHOLE, 1, 0},
                            {LOCK, 1, SEM_UNDO},
                            {FULL, 1, 0},
                            {SENDERS, -1, SEM_UNDO},
                            {UNFINISHED, -1, 0}};

    return semop(set, give, 5);
}

// True if nothing is left, and nobody is left to put anything in.
static inline bool bounded_over(int set, const struct bounded *shared,
                                bool *died)
{
    unsigned short value[BOUNDED_SEMAPHORES] = {0}; // all of one moment

    if (semctl(set, 0, GETALL, (union semun){.array = value}) == -1)
        return true;
    *died = value[UNFINISHED] > value[SENDERS];
    return value[SENDERS] == 0 && value[FULL] == 0 && (*died || shared->begun);
}

// Add what this receiver took to what all of them did, and see how much it is.
static inline void bounded_sum(struct bounded *shared, struct tally *tally)
{
    uint64_t *own[4] = {&tally->arrived, &tally->announced, &tally->balance,
                        &tally->skipped};

    for (int i = 0; i < 4; i++)
        *own[i] += atomic_fetch_add(&shared->total[i], *own[i]);
}

#endif
