/*
 * shm/file_recv.c -- receive a file through two halves of a segment.
 *
 * Shows:   While one half is being filled, the other is being emptied: both
 *          processes work at the same time, and meet in the kernel once in a
 *          quarter of a megabyte. A length that somebody else can change is
 *          read once, then checked, then used.
 *
 * Run:     terminal 1 $ build/shm/file_recv README.md copy
 *          terminal 2 $ build/shm/file_send README.md build/shm/file_send
 *
 * Prints:  ready on README.md
 *          copy: <12345> bytes, cksum <1234567890>
 *
 * Read:    shmget(2), semop(2), flock(2), rename(2), cksum(1)
 */
#define _GNU_SOURCE // semtimedop
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/cksum.h"
#include "../common/ending.h"
#include "../common/program.h"
#include "../common/stream.h"
#include "halves.h"
#include "segment.h"
#include "semaphores.h"

static int segment = -1;
static int semaphores = -1;
static char part_path[PATH_MAX]; // where the file grows until it is whole
static bool part_made;           // by us, so it is for us to remove

static void remove_all(void)
{
    shmctl(segment, IPC_RMID, NULL);
    semctl(semaphores, 0, IPC_RMID);
    if (part_made)
        unlink(part_path);
}

static void remove_all_and_end(int number)
{
    remove_all();
    end_by(number);
}

// Open TO.part, or the one that a killed receiver left. The lock says that
// nobody else is writing it.
static int open_part(const char *to)
{
    struct stat there, opened;

    if (stat(to, &there) == 0 && !S_ISREG(there.st_mode))
        errx(1, "%s: not a regular file", to);
    if (snprintf(part_path, PATH_MAX, "%s.part", to) >= PATH_MAX)
        errx(1, "%s: the path is too long", to);
    int part = open(part_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (part == -1)
        err(1, "%s", part_path);
    if (flock(part, LOCK_EX | LOCK_NB) == -1 || fstat(part, &opened) == -1 ||
        lstat(part_path, &there) == -1 || there.st_ino != opened.st_ino)
        errx(1, "%s: another receiver is writing it", part_path);
    part_made = true;
    if (ftruncate(part, 0) == -1)
        err(1, "%s", part_path);
    return part;
}

// Wait for a full half. 0, or the errno to end with.
static int wait_for_half(struct halves *shared)
{
    while (semaphore_add(semaphores, FULL, -1) == -1) {
        if (errno != EAGAIN)
            return errno;
        if (atomic_load(&shared->sender) != 0 && segment_alone(segment)) {
            warnx("the sender is gone");
            return EPIPE;
        }
    }
    return 0;
}

// Write all that comes. 0, or an errno that has been explained on stderr.
static int receive(struct halves *shared, int part, struct cksum *sum)
{
    for (unsigned i = 0;; i = !i) {
        int error = wait_for_half(shared);
        if (error != 0)
            return error;

        // Once. The sender could be mischievous, and change it any time; the
        // bytes as well, but they are as good as any others.
        uint32_t length = atomic_load(&shared->length[i]);
        if (length > HALF_SIZE) {
            warnx("%" PRIu32 " bytes in a half of %u", length, HALF_SIZE);
            return EPROTO;
        }
        if (length == 0)
            break;
        cksum_add(sum, shared->half[i], length);
        if (write_full(part, shared->half[i], length) == -1) {
            error = errno;
            warn("%s", part_path);
            return error;
        }
        if (semaphore_add(semaphores, EMPTY, 1) == -1)
            return errno;
    }

    if (sum->length == atomic_load(&shared->size) &&
        cksum_end(sum) == atomic_load(&shared->checksum))
        return 0;
    warnx("what arrived is not what was sent");
    return EBADMSG;
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc - optind != 2)
        return usage(argc, argv, "file_recv KEYFILE TO");
    const char *path = argv[optind];
    const char *to = argv[optind + 1];

    key_t key = ftok(path, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", path);
    int lock = segment_lock(path);
    if (lock == -1)
        err(1, "lock %s", path);
    atexit(remove_all);
    before_ending(remove_all_and_end);
    struct halves *shared =
        segment_make(key, path, HALVES_MAGIC, sizeof *shared, &segment);
    if (!shared)
        return 1;
    int part = open_part(to);
    semaphores = semaphores_new(key, HALVES_SEMAPHORES);
    if (semaphores == -1 || semaphore_add(semaphores, EMPTY, 2) == -1)
        err(1, "semaphores %s", path);
    close(lock);
    printf("ready on %s\n", path);

    struct cksum sum;
    cksum_start(&sum);
    int error = receive(shared, part, &sum);
    if (error == 0 && rename(part_path, to) == -1) {
        error = errno;
        warn("rename %s", to);
    }
    if (error == 0)
        part_made = false; // it is not there any more

    atomic_store(&shared->outcome, error == 0 ? RECEIVED : error);
    semaphore_add(semaphores, OUTCOME, 1);
    if (error != 0)
        return 1;
    printf("%s: %" PRIu64 " bytes, cksum %" PRIu32 "\n", to, sum.length,
           cksum_end(&sum));
    return 0;
}
