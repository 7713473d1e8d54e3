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
 * Read:    shmget(2), semop(2), read(2), cksum(1)
 */
#define _GNU_SOURCE // semtimedop
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "../common/cksum.h"
#include "../common/program.h"
#include "halves.h"
#include "segment.h"
#include "semaphores.h"

// Wait for one of these, or for an outcome. False if there is one, or can be
// none any more.
static bool wait_for(enum halves_semaphore which, int semaphores, int segment)
{
    while (semaphore_add(semaphores, (unsigned short)which, -1) == -1)
        if (errno != EAGAIN || segment_alone(segment))
            return false;
    return true;
}

static ssize_t fill_half(int from, unsigned char *half, const char *path)
{
    ssize_t n;

    do
        n = read(from, half, HALF_SIZE);
    while (n == -1 && errno == EINTR);
    if (n == -1)
        err(1, "%s", path);
    return n;
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc - optind != 2)
        return usage(argc, argv, "file_send KEYFILE FROM");
    const char *path = argv[optind];
    const char *from_path = argv[optind + 1];

    int from = open(from_path, O_RDONLY | O_CLOEXEC);
    if (from == -1)
        err(1, "%s", from_path);
    key_t key = ftok(path, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", path);
    int segment;
    struct halves *shared =
        segment_find(key, path, HALVES_MAGIC, sizeof *shared, &segment);
    if (!shared)
        return 1;
    int semaphores = semget(key, HALVES_SEMAPHORES, 0);
    if (semaphores == -1)
        err(1, "semget %s: is the receiver running?", path);
    int nobody = 0;
    if (!atomic_compare_exchange_strong(&shared->sender, &nobody, getpid()))
        errx(1, "%s: the receiver has a sender", path);

    struct cksum sum;
    cksum_start(&sum);
    ssize_t n = -1;
    for (int i = 0; n != 0 && wait_for(EMPTY, semaphores, segment); i = !i) {
        n = fill_half(from, shared->half[i], from_path);
        cksum_add(&sum, shared->half[i], (size_t)n);
        if (n == 0) {
            atomic_store(&shared->size, sum.length);
            atomic_store(&shared->checksum, cksum_end(&sum));
        }
        atomic_store(&shared->length[i], (uint32_t)n);
        if (semaphore_add(semaphores, FULL, 1) == -1)
            break;
    }

    // The receiver has removed its semaphores perhaps, but what it wrote stays
    // for as long as we have the segment.
    if (n == 0)
        wait_for(OUTCOME, semaphores, segment);
    int outcome = atomic_load(&shared->outcome);
    if (outcome == 0)
        errx(1, "the receiver is gone");
    if (outcome != RECEIVED)
        errx(1, "the receiver gave up: %s", strerror(outcome));
    printf("sent %" PRIu64 " bytes, cksum %" PRIu32 "\n", sum.length,
           cksum_end(&sum));
    return shmdt(shared) == 0 ? 0 : 1;
}
