/*
 * shm/torn_send.c -- send readings without waiting for the receiver.
 *
 * Shows:   A store of many bytes is many stores. This sender pauses halfway,
 *          which a processor may do at any time without being asked.
 *
 * Run:     start shm/torn_recv.c first; its header has both commands
 *
 * Read:    sysvipc(7), ftok(3), shmdt(2)
 */
#include <stddef.h>
#include <string.h>
#include <sys/shm.h>
#include <time.h>

#include "../common/program.h"
#include "basic.h"

int main(int argc, char *argv[])
{
    program_start();
    long count;
    if (argc != 3 || !parse_flags(argc, argv, NULL) ||
        !parse_long(argv[2], 1, 1000000, &count))
        return usage(argc, argv, "torn_send FILE COUNT");

    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    int segment;
    struct basic *shared =
        segment_open(key, argv[1], TORN_MAGIC, sizeof *shared, &segment);
    if (!shared)
        return 1;

    const size_t half = offsetof(struct reading_slot, reading.tenths);
    const struct timespec pause = {.tv_nsec = 20000000}; // 20 ms
    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        struct reading r = reading_or_end(seq, (uint32_t)count);
        struct reading_slot slot;

        if (!segment_peer_attached(segment))
            errx(1, "the receiver has exited");
        reading_slot_fill(&slot, &r);
        memcpy(&shared->slot, &slot, half); // kind and number
        nanosleep(&pause, NULL);
        memcpy((char *)&shared->slot + half, (char *)&slot + half,
               sizeof slot - half); // temperature, station and checksum
        nanosleep(&pause, NULL);
    }

    if (shmdt(shared) == -1)
        err(1, "shmdt");
    return 0;
}
