/*
 * shm/file_send.c -- send a file through two halves of a segment.
 *
 * Shows:   read(2) puts the bytes right where the receiver's write(2) takes
 *          them from. On a pipe they would be copied twice more.
 *
 * Run:     start shm/file_recv.c first; its header has both commands
 *
 * Prints:  sent <12345> bytes, cksum <1234567890>
 *
 * Read:    ftok(3), semget(2), semop(2), read(2), shmdt(2), cksum(1)
 */
#define _GNU_SOURCE // semtimedop
#include <inttypes.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "../common/program.h"
#include "halves.h"

// Lower EMPTY or OUTCOME. False if the receiver has ended, or has exited.
static bool wait_for(unsigned short which, int set, int segment)
{
    struct sembuf lower = {which, -1, 0};
    const struct timespec timeout = {.tv_nsec = 100000000}; // 0.1 s

    while (semtimedop(set, &lower, 1, &timeout) == -1)
        if ((errno != EAGAIN && errno != EINTR) ||
            !segment_peer_attached(segment))
            return false;
    return true;
}

// Fill half after half, and at last one of 0 bytes. False if the receiver has
// ended before that.
static bool send_file(int from, const char *path, int set, int segment,
                      struct halves *shared, struct cksum *sum)
{
    struct sembuf raise_full = {FULL, +1, 0};

    for (int i = 0;; i = !i) {
        if (!wait_for(EMPTY, set, segment))
            return false;
        ssize_t n;
        do
            n = read(from, shared->half[i], HALF_SIZE);
        while (n == -1 && errno == EINTR);
        if (n == -1)
            err(1, "%s", path);

        cksum_add(sum, shared->half[i], (size_t)n);
        atomic_store(&shared->size, sum->length);
        atomic_store(&shared->checksum, cksum_end(sum));
        atomic_store(&shared->length[i], (uint32_t)n);
        if (semop(set, &raise_full, 1) == -1)
            return false;
        if (n == 0)
            return true;
    }
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 3 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "file_send KEYFILE FROM");
    const char *path = argv[1], *from_path = argv[2];

    key_t key = ftok(path, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", path);
    int from = open(from_path, O_RDONLY | O_CLOEXEC);
    if (from == -1)
        err(1, "%s", from_path);
    int segment;
    struct halves *shared =
        segment_open(key, path, HALVES_MAGIC, sizeof *shared, &segment);
    if (!shared)
        return 1;
    int set = semget(key, HALVES_SEMAPHORES, 0);
    if (set == -1)
        err(1, "semget %s", path);
    int none = 0;
    if (!atomic_compare_exchange_strong(&shared->sender, &none, getpid()))
        errx(1, "%s: the receiver has a sender", path);

    struct cksum sum;
    cksum_start(&sum);
    if (send_file(from, from_path, set, segment, shared, &sum))
        wait_for(OUTCOME, set, segment);

    // The set may be removed by now; the segment stays while it is attached.
    int outcome = atomic_load(&shared->outcome);
    if (outcome == 0)
        errx(1, "the receiver has exited");
    if (outcome != RECEIVED)
        errx(1, "the receiver gave up: %s", strerror(outcome));
    printf("sent %" PRIu64 " bytes, cksum %" PRIu32 "\n", sum.length,
           cksum_end(&sum));
    if (shmdt(shared) == -1)
        err(1, "shmdt");
    return 0;
}
