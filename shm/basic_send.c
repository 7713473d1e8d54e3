/*
 * shm/basic_send.c -- send weather readings through shared memory.
 *
 * Shows:   The sender finds the segment by its key, attaches it, and writes
 *          into it like into any memory of its own. First it checks that it is
 *          the segment that it expects.
 *
 * Run:     start shm/basic_recv.c first; its header has both commands
 *
 * Read:    sysvipc(7), ftok(3), shmget(2), semget(2), shmat(2), semop(2),
 *          shmdt(2)
 */
#define _GNU_SOURCE // semtimedop
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

#include "../common/program.h"
#include "basic.h"

int main(int argc, char *argv[])
{
    program_start();
    long count;
    if (argc != 3 || !parse_flags(argc, argv, NULL) ||
        !parse_long(argv[2], 0, 1000000, &count))
        return usage(argc, argv, "basic_send FILE COUNT");

    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    int segment = shmget(key, 0, 0); // 0: whatever size it has
    if (segment == -1)
        err(1, "shmget %s: is the receiver running?", argv[1]);
    struct basic *shared = shmat(segment, NULL, 0);
    if ((intptr_t)shared == -1)
        err(1, "shmat");
    if (!segment_is(segment, &shared->header, BASIC_MAGIC, sizeof *shared))
        errx(1, "%s: its segment is for another program", argv[1]);
    int set = semget(key, BASIC_SEMAPHORES, 0);
    if (set == -1)
        err(1, "semget %s", argv[1]);

    struct sembuf lower_empty = {EMPTY, -1, 0}; // waits while it is 0
    struct sembuf raise_full = {FULL, +1, 0};
    const struct timespec timeout = {.tv_nsec = 100000000}; // 0.1 s
    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        struct reading r = reading_or_end(seq, (uint32_t)count);

        while (semtimedop(set, &lower_empty, 1, &timeout) == -1)
            if ((errno != EAGAIN && errno != EINTR) ||
                !segment_peer_attached(segment))
                errx(1, "the receiver has exited");
        reading_slot_fill(&shared->slot, &r); // no call: it is memory
        if (semop(set, &raise_full, 1) == -1)
            errx(1, "the receiver has exited");
    }

    if (shmdt(shared) == -1)
        err(1, "shmdt");
    return 0;
}
