/*
 * shm/basic_send.c -- send weather readings through shared memory.
 *
 * Shows:   The sender finds the segment by its key, attaches it, and writes
 *          into it like into any memory of its own. It checks first that it is
 *          the segment that it takes it for.
 *
 * Run:     start shm/basic_recv.c first; its header has both commands
 *
 * Read:    sysvipc(7), ftok(3), shmget(2), shmat(2), shmdt(2), semop(2)
 */
#define _GNU_SOURCE // semtimedop
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "basic.h"
#include "segment.h"
#include "semaphores.h"

// Wait until the slot is empty, fill it, and say that it is full.
static void send_reading(int segment, struct basic *shared, int semaphores,
                         const struct reading *r)
{
    // Should this process die before it has filled the slot, the kernel undoes
    // the first change, and the slot is empty for the next sender. The last two
    // changes take the undoing back and leave EMPTY at 0.
    struct sembuf take[] = {{EMPTY, -1, SEM_UNDO}};
    struct sembuf give[] = {{FULL, 1, 0}, {EMPTY, 1, SEM_UNDO}, {EMPTY, -1, 0}};

    while (semaphores_change(semaphores, take, 1) == -1) {
        if (errno != EAGAIN || segment_alone(segment))
            errx(1, "the receiver is gone");
    }
    slot_fill(&shared->slot, r);
    if (semaphores_change(semaphores, give, 3) == -1)
        err(1, "semop");
}

// Break it: write whenever it suits us, and take our time halfway.
static void write_reading(struct basic *shared, const struct reading *r)
{
    const struct timespec halfway = {.tv_nsec = 20000000};
    const struct timespec between = {.tv_nsec = 10000000};
    size_t half = offsetof(struct slot, reading.tenths);
    struct slot slot;

    slot_fill(&slot, r);
    memcpy(&shared->slot, &slot, half); // kind and number
    nanosleep(&halfway, NULL);
    memcpy((char *)&shared->slot + half, (char *)&slot + half,
           sizeof slot - half);
    nanosleep(&between, NULL);
}

int main(int argc, char *argv[])
{
    program_start();
    int no_sem = false;
    const struct option flags[] = {{"no-sem", no_argument, &no_sem, true}, {0}};
    long count;
    if (!parse_flags(argc, argv, flags) || argc - optind != 2 ||
        !parse_long(argv[optind + 1], 0, 1000000, &count))
        return usage(argc, argv, "basic_send [--no-sem] FILE COUNT");
    const char *path = argv[optind];

    key_t key = ftok(path, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", path);
    int segment = shmget(key, 0, 0); // 0: of whatever size it is
    if (segment == -1)
        err(1, "shmget %s: is the receiver running?", path);
    struct basic *shared = shmat(segment, NULL, 0);
    if ((intptr_t)shared == -1)
        err(1, "shmat");
    if (!segment_is(segment, &shared->header, BASIC_MAGIC, sizeof *shared))
        errx(1, "%s: its segment is for another program", path);

    int semaphores = semget(key, BASIC_SEMAPHORES, 0);
    if (semaphores == -1 && !no_sem)
        err(1, "semget %s: has the receiver semaphores?", path);

    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        struct reading r = reading_sample(seq);
        if (seq > (uint32_t)count)
            r = (struct reading){.kind = READING_END, .seq = (uint32_t)count};

        if (no_sem)
            write_reading(shared, &r);
        else
            send_reading(segment, shared, semaphores, &r);
    }

    if (shmdt(shared) == -1)
        err(1, "shmdt");
    return 0;
}
