/*
 * shm/ring_send.c -- put readings into a bounded buffer.
 *
 * Shows:   A sender that is faster than the receiver waits when the ring is
 *          full, as on a pipe; but how full, and where, is for the processes to
 *          agree on: the kernel knows nothing of rings.
 *
 * Run:     start shm/ring_recv.c first; its header has both commands
 *
 * Read:    ftok(3), semget(2), semop(2), shmdt(2)
 */
#define _GNU_SOURCE // semtimedop
#include <sys/sem.h>
#include <sys/shm.h>

#include "../common/program.h"
#include "bounded.h"

static void send_readings(int set, struct bounded *shared, uint32_t count)
{
    struct sembuf take[] = {
        {EMPTY, -1, 0}, {LOCK, -1, SEM_UNDO}, {CONSISTENT, -1, 0}};
    struct sembuf give[] = {
        {CONSISTENT, 1, 0},      {LOCK, 1, SEM_UNDO}, {FULL, 1, 0},
        {SENDERS, -1, SEM_UNDO}, // these two only with END, in the same step
        {UNFINISHED, -1, 0},     // in which END gets into the ring
    };
    const struct timespec timeout = {.tv_nsec = 100000000}; // 0.1 s

    for (uint32_t seq = 1; seq <= count + 1; seq++) {
        struct reading r = reading_or_end(seq, count);

        while (semtimedop(set, take, 3, &timeout) == -1)
            if ((errno != EINTR && errno != EAGAIN) ||
                (bounded_repair(set, shared) == -1 && errno != EAGAIN) ||
                semctl(set, RECEIVERS, GETVAL) < 1)
                errx(1, "the receiver has exited");
        reading_slot_fill(&shared->slots[shared->tail % BOUNDED_SLOTS], &r);
        shared->begun = true;
        // The compiler must not move tail++ before the stores: a process that
        // is killed here has not filled the slot.
        atomic_signal_fence(memory_order_seq_cst);
        shared->tail++;
        if (semop(set, give, seq <= count ? 3 : 5) == -1)
            errx(1, "the receiver has exited");
    }
}

int main(int argc, char *argv[])
{
    program_start();
    long count;
    if (argc != 3 || !parse_flags(argc, argv, NULL) ||
        !parse_long(argv[2], 0, 1000000000, &count))
        return usage(argc, argv, "ring_send FILE COUNT");

    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    int segment;
    struct bounded *shared =
        segment_open(key, argv[1], BOUNDED_MAGIC, sizeof *shared, &segment);
    if (!shared)
        return 1;
    int set = semget(key, BOUNDED_SEMAPHORES, 0);
    if (set == -1)
        err(1, "semget %s", argv[1]);
    if (bounded_join(set, true) == -1)
        errx(1, "there is no receiver");

    send_readings(set, shared, (uint32_t)count);

    if (shmdt(shared) == -1)
        err(1, "shmdt");
    return 0;
}
