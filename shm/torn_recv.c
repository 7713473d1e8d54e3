/*
 * shm/torn_recv.c -- the pair basic without its semaphores.
 *
 * Shows:   Nothing says when. The receiver looks at the slot once in a while,
 *          and finds half of one reading with half of the next, or the same
 *          reading again. Status 0 if that was to be seen.
 *
 * Run:     terminal 1 $ build/shm/torn_recv README.md
 *          terminal 2 $ build/shm/torn_send README.md 3
 *
 * Prints:  ready on README.md
 *          <...>
 *          torn: oslo #2 -3.2 C
 *          <...>
 *          <4> torn, <25> repeated
 *
 * Read:    sysvipc(7), ftok(3), shmget(2), shmat(2), shmctl(2)
 */
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <time.h>

#include "../common/program.h"
#include "basic.h"

// Look once a millisecond, until the END is in the slot. Returns how many times
// there was something wrong.
static int sample(int segment, const struct basic *shared)
{
    const struct timespec period = {.tv_nsec = 1000000};
    struct reading_slot last = {0}, now;
    uint32_t arrived = 0;
    int torn = 0, repeated = 0;
    bool exited = false;

    for (bool more = true; more; last = now) {
        nanosleep(&period, NULL);
        bool last_look = exited; // nothing can change after the sender's exit
        exited = last.reading.kind != 0 && !segment_peer_attached(segment);
        reading_slot_read(&now, &shared->slot);

        if (memcmp(now.u64, last.u64, sizeof now.u64) != 0) {
            if (reading_slot_valid(&now)) {
                more = reading_count(&now.reading, &arrived);
                continue;
            }
            torn++;
            printf("torn: ");
            reading_print(&now.reading);
        } else if (last_look) {
            errx(1, "the sender has exited");
        } else if (reading_slot_valid(&now)) {
            repeated++;
        }
    }
    printf("%d torn, %d repeated\n", torn, repeated);
    return torn + repeated;
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "torn_recv FILE");

    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    int lock = segment_lock(argv[1]);
    if (lock == -1 || !segment_clear(key, argv[1])) // of a killed receiver
        return 1;
    block_termination(); // until the id is stored
    int segment =
        shmget(key, sizeof(struct basic), IPC_CREAT | IPC_EXCL | 0600);
    if (segment == -1)
        errx(1, "shmget %s: %s", argv[1], ipc_strerror(errno));
    segment_remove_at_end(segment);
    struct basic *shared = shmat(segment, NULL, 0);
    if ((intptr_t)shared == -1)
        err(1, "shmat");
    segment_label(&shared->header, TORN_MAGIC, sizeof *shared);
    close(lock);
    program_ready("ready on %s\n", argv[1]);

    bool shown = sample(segment, shared) > 0;
    if (shmctl(segment, IPC_RMID, NULL) == -1)
        err(1, "shmctl");
    return shown ? 0 : 1;
}
