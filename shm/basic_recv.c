/*
 * shm/basic_recv.c -- receive weather readings through shared memory.
 *
 * Shows:   A segment is memory that several processes have. Nothing is sent or
 *          received: what one writes, the other sees. Something else has to
 *          say when, here a pair of semaphores.
 *
 * Run:     terminal 1 $ build/shm/basic_recv README.md
 *          terminal 2 $ build/shm/basic_send README.md 3
 *
 * Prints:  ready on README.md
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          3 of 3 readings arrived
 *
 * Read:    sysvipc(7), ftok(3), shmget(2), semget(2), shmat(2), semop(2),
 *          shmctl(2), semctl(2)
 */
#define _GNU_SOURCE // semtimedop
#include <stdio.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

#include "../common/program.h"
#include "../common/termination.h"
#include "basic.h"

static int segment = -1; // global: a handler takes no arguments
static int set = -1;     // of semaphores

static void remove_both(void)
{
    shmctl(segment, IPC_RMID, NULL);
    semctl(set, 0, IPC_RMID);
}

// Lower FULL; that waits while it is 0. Ten times a second, check that the
// sender is attached, if there was one: it has sent, or has lowered EMPTY.
static void wait_for_full(bool has_sent)
{
    struct sembuf lower_full = {FULL, -1, 0};
    const struct timespec timeout = {.tv_nsec = 100000000};
    bool exited = false; // then look once more: its END may have come

    // Step 4: lower FULL, but do not wait for a sender that has exited
    while (semtimedop(set, &lower_full, 1, &timeout) == -1) {
        if (errno != EAGAIN && errno != EINTR)
            err(1, "semtimedop");
        if (exited)
            errx(1, "the sender has exited");
        exited = !segment_peer_attached(segment) &&
                 (has_sent || semctl(set, EMPTY, GETVAL) == 0);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "basic_recv FILE");

    // Step 1: make the key, and remove what a killed receiver has left
    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    int lock = segment_lock(argv[1]);
    if (lock == -1 || !segment_clear(key, argv[1])) // a leftover
        return 1;

    // Step 2: make the segment and the set; ^C removes them
    block_termination(); // until both ids are stored
    segment = shmget(key, sizeof(struct basic), IPC_CREAT | IPC_EXCL | 0600);
    if (segment == -1)
        errx(1, "shmget %s: %s", argv[1], ipc_strerror(errno));
    set = semget(key, BASIC_SEMAPHORES, IPC_CREAT | IPC_EXCL | 0600);
    on_termination(remove_both);
    if (set == -1)
        errx(1, "semget %s: %s", argv[1], ipc_strerror(errno));

    // Step 3: attach the segment, label it, raise EMPTY, and say ready
    struct basic *shared = shmat(segment, NULL, 0); // NULL: at any address
    if ((intptr_t)shared == -1)
        err(1, "shmat");
    segment_label(&shared->header, BASIC_MAGIC, sizeof *shared);
    struct sembuf raise_empty = {EMPTY, +1, 0}; // both are 0 in a new set
    if (semop(set, &raise_empty, 1) == -1)
        err(1, "semop");
    close(lock);
    program_ready("ready on %s\n", argv[1]);

    // Step 5: wait, copy the slot, raise EMPTY, check and print, until END
    struct reading_slot slot = {0};
    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        wait_for_full(arrived > 0);
        reading_slot_read(&slot, &shared->slot); // no call: it is memory
        if (semop(set, &raise_empty, 1) == -1)
            err(1, "semop");
        if (reading_slot_valid(&slot))
            more = reading_count(&slot.reading, &arrived);
        else
            puts("skipped a slot: not a reading");
    }

    // Step 6: remove both; were all of the readings here?
    if (shmctl(segment, IPC_RMID, NULL) == -1 || semctl(set, 0, IPC_RMID) == -1)
        err(1, "IPC_RMID");
    return arrived == slot.reading.seq ? 0 : 1;
}
