/*
 * shm/ring_recv.c -- take readings out of a bounded buffer.
 *
 * Shows:   The producers and consumers of Dijkstra: a ring of slots, and
 *          semaphores that count the full and the empty ones. The lock and the
 *          count change in one semop, so no order of them can deadlock. Any
 *          number of processes send and receive, and any may be killed.
 *
 * Run:     terminal 1 $ build/shm/ring_recv README.md
 *          terminal 2 $ build/shm/ring_send README.md 5000
 *
 * Prints:  ready on README.md
 *          5000 readings received, <25.4> MB/s
 *          5000 of 5000 arrived
 *
 * Read:    ftok(3), semget(2), shmget(2), shmat(2), semop(2), semctl(2),
 *          shmctl(2)
 */
#define _GNU_SOURCE // semtimedop
#include <stdio.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "../common/program.h"
#include "../common/termination.h"
#include "bounded.h"

static int segment = -1; // global: a handler takes no arguments
static int set = -1;     // of semaphores
static volatile sig_atomic_t joined;

// Stop being a receiver; the last receiver removes what the first one made.
static void leave(void)
{
    // Step 5: be one receiver less; the last one removes both
    struct sembuf one_less = {RECEIVERS, -1, SEM_UNDO | IPC_NOWAIT};
    if (joined)
        semop(set, &one_less, 1);
    joined = false;
    if (semctl(set, RECEIVERS, GETVAL) > 0)
        return;
    semctl(set, 0, IPC_RMID);
    shmctl(segment, IPC_RMID, NULL);
}

// Take all there is. False if a sender died.
static bool receive(struct bounded *shared, struct counter *counter)
{
    const struct timespec timeout = {.tv_nsec = 100000000}; // 0.1 s
    struct reading_slot slot;
    bool died = false;

    // Step 4: take slots until none is left and no sender; repair, if need be
    struct sembuf take[] = {
        {FULL, -1, 0}, {LOCK, -1, SEM_UNDO}, {CONSISTENT, -1, 0}};
    struct sembuf give[] = {
        {CONSISTENT, 1, 0}, {LOCK, 1, SEM_UNDO}, {EMPTY, 1, 0}};
    for (;;) {
        if (semtimedop(set, take, 3, &timeout) == -1) {
            if (errno != EINTR && errno != EAGAIN)
                err(1, "semtimedop");
            if (bounded_repair(set, shared) == -1 && errno != EAGAIN)
                err(1, "repair");
            if (bounded_finished(set, shared, &died))
                return !died;
            continue;
        }
        reading_slot_read(&slot, &shared->slots[shared->head % BOUNDED_SLOTS]);
        // The compiler must not move head++ before the read: a process that is
        // killed here has not taken the slot.
        atomic_signal_fence(memory_order_seq_cst);
        shared->head++;
        if (semop(set, give, 3) == -1)
            err(1, "semop");
        if (!counter_add(counter, &slot) &&
            bounded_finished(set, shared, &died))
            return !died;
    }
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "ring_recv FILE");

    // Step 1: make the key, and lock its file
    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    int lock = segment_lock(argv[1]);
    if (lock == -1)
        return 1;

    // Step 2: join the receivers that there are, or make segment and set
    const int new = IPC_CREAT | IPC_EXCL | 0600;
    block_termination(); // until both ids are stored
    set = semget(key, BOUNDED_SEMAPHORES, 0);
    bool first = set == -1 || bounded_join(set, false) == -1;
    if (first && !segment_clear(key, argv[1])) // of killed receivers
        return 1;
    segment = shmget(key, first ? sizeof(struct bounded) : 0, first ? new : 0);
    if (segment != -1 && first)
        set = semget(key, BOUNDED_SEMAPHORES, new);
    joined = true; // leave() lowers RECEIVERS only if it is not 0
    on_termination(leave);
    if (segment == -1 || set == -1)
        errx(1, "shmget, semget %s: %s", argv[1], ipc_strerror(errno));

    // Step 3: attach; the first labels it and raises the semaphores; say ready
    struct bounded *shared = shmat(segment, NULL, 0);
    if ((intptr_t)shared == -1)
        err(1, "shmat");
    if (first) {
        segment_label(&shared->header, BOUNDED_MAGIC, sizeof *shared);
        if (bounded_open(set) == -1)
            err(1, "semop");
    } else if (!segment_is(segment, &shared->header, BOUNDED_MAGIC,
                           sizeof *shared)) {
        errx(1, "%s: its segment is for another program", argv[1]);
    }
    close(lock);
    program_ready("ready on %s\n", argv[1]);

    // Step 6: receive, add to the total, leave; the last one prints the total
    struct counter counter = {0};
    bool ok = receive(shared, &counter);
    if (!ok)
        warnx("a sender died before its END");
    counter_print(&counter);
    bounded_add_total(shared, &counter);
    leave();
    if (ok && semctl(set, RECEIVERS, GETVAL) <= 0) { // this was the last one
        struct counter total = bounded_total(shared);
        ok = counter_complete(&total);
    }
    return ok ? 0 : 1;
}
