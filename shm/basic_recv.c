/*
 * shm/basic_recv.c -- receive weather readings through shared memory.
 *
 * Shows:   A segment is memory that several processes have. Nothing is sent or
 *          received: what one writes, the other sees. So something else has to
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
 * Read:    sysvipc(7), ftok(3), shmget(2), shmat(2), shmctl(2), semop(2)
 */
#define _GNU_SOURCE // semtimedop
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <time.h>
#include <unistd.h>

#include "../common/ending.h"
#include "../common/program.h"
#include "../common/reading.h"
#include "basic.h"
#include "segment.h"
#include "semaphores.h"

static int segment = -1; // here, because exit handlers take no arguments
static int semaphores = -1;

static void remove_both(void)
{
    shmctl(segment, IPC_RMID, NULL);
    semctl(semaphores, 0, IPC_RMID);
}

static void remove_both_and_end(int number)
{
    remove_both();
    end_by(number);
}

// Wait until the slot is full. False if whoever filled it before has died: the
// kernel detaches the dead, and we are alone.
static bool wait_for_sender(bool met)
{
    while (semaphore_add(semaphores, FULL, -1) == -1) {
        if (errno != EAGAIN)
            err(1, "semop");
        if (met && segment_alone(segment)) {
            warnx("the sender is gone");
            return false;
        }
    }
    return true;
}

// Break it: what a look every millisecond finds, whatever the sender is doing.
struct looks {
    struct slot last;
    int again; // as the look before, though that reading has been reported
    int torn;
};

static bool report_look(struct looks *looks, const struct slot *slot,
                        uint32_t *arrived)
{
    static int idle;

    if (memcmp(slot->words, looks->last.words, sizeof slot->words) == 0) {
        if (slot->reading.kind != 0 && ++idle == 2000) // 0: nobody came yet
            errx(1, "waited two seconds for the end");
        looks->again += slot_is_whole(slot);
        return true;
    }
    idle = 0;
    looks->last = *slot;
    if (slot_is_whole(slot))
        return reading_count(&slot->reading, arrived);
    looks->torn++;
    printf("torn: ");
    reading_print(&slot->reading);
    return true;
}

int main(int argc, char *argv[])
{
    program_start();
    int no_sem = false;
    const struct option flags[] = {{"no-sem", no_argument, &no_sem, true}, {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "basic_recv [--no-sem] FILE");
    const char *path = argv[optind];

    key_t key = ftok(path, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", path);
    int lock = segment_lock(path);
    if (lock == -1)
        err(1, "lock %s", path);
    if (!segment_clear(key, path)) // a killed receiver's
        return 1;

    atexit(remove_both);
    before_ending(remove_both_and_end);
    segment = shmget(key, sizeof(struct basic), IPC_CREAT | IPC_EXCL | 0600);
    if (segment == -1)
        err(1, "shmget %s", path);
    struct basic *shared = shmat(segment, NULL, 0); // NULL: anywhere
    if ((intptr_t)shared == -1)
        err(1, "shmat");
    segment_label(&shared->header, BASIC_MAGIC, sizeof *shared);

    if (!no_sem) {
        semaphores = semaphores_new(key, BASIC_SEMAPHORES);
        if (semaphores == -1 || semaphore_add(semaphores, EMPTY, 1) == -1)
            err(1, "semaphores %s", path);
    }
    close(lock);

    printf("ready on %s\n", path);

    struct looks looks = {0};
    uint32_t arrived = 0;
    bool more = true;
    do {
        if (no_sem)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        else if (!wait_for_sender(arrived > 0))
            return 1;

        struct slot slot;
        slot_read(&slot, &shared->slot);
        if (!no_sem && semaphore_add(semaphores, EMPTY, 1) == -1)
            err(1, "semop");

        if (no_sem)
            more = report_look(&looks, &slot, &arrived);
        else if (slot_is_whole(&slot))
            more = reading_count(&slot.reading, &arrived);
        else
            puts("skipped a slot: not a reading");
    } while (more);

    if (no_sem)
        printf("%d torn, %d the same again\n", looks.torn, looks.again);
    if (shmdt(shared) == -1)
        err(1, "shmdt");
    return looks.torn > 0 || looks.again > 0; // and remove_both() is called
}
