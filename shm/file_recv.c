/*
 * shm/file_recv.c -- receive a file through two halves of a segment.
 *
 * Shows:   While one half is being filled, the other is being emptied: both
 *          processes work at the same time, with two calls to the kernel in a
 *          quarter of a megabyte. A length that another process can change is
 *          read once, then checked, then used.
 *
 * Run:     terminal 1 $ build/shm/file_recv README.md copy
 *          terminal 2 $ build/shm/file_send README.md build/shm/file_send
 *
 * Prints:  ready on README.md
 *          copy: <12345> bytes, cksum <1234567890>
 *
 * Read:    ftok(3), shmget(2), semget(2), shmat(2), semop(2), semctl(2),
 *          shmctl(2), cksum(1)
 */
#define _GNU_SOURCE // semtimedop, O_TMPFILE
#include <inttypes.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "../common/atomic_file.h"
#include "../common/program.h"
#include "halves.h"

static int segment = -1; // global: a handler takes no arguments
static int set = -1;     // of semaphores
static struct atomic_file file = {.folder = -1};

static void remove_all(void)
{
    shmctl(segment, IPC_RMID, NULL);
    semctl(set, 0, IPC_RMID);
    atomic_file_discard(&file);
}

// Wait for a full half. 0, or an errno. Ten times a second, see whether there
// is a sender.
static int wait_for_half(const struct halves *shared)
{
    struct sembuf lower_full = {FULL, -1, 0};
    const struct timespec timeout = {.tv_nsec = 100000000};
    bool exited = false; // then look once more: a half may have come

    while (semtimedop(set, &lower_full, 1, &timeout) == -1) {
        if (errno != EAGAIN && errno != EINTR)
            return errno;
        if (exited)
            return EPIPE;
        exited = atomic_load(&shared->sender) != 0 &&
                 !segment_peer_attached(segment);
    }
    return 0;
}

// Write all that comes into the file. 0, or an errno.
static int receive(struct halves *shared, struct cksum *sum)
{
    struct sembuf raise_empty = {EMPTY, +1, 0};

    for (unsigned i = 0;; i = !i) {
        int error = wait_for_half(shared);
        if (error != 0)
            return error;

        // Once: the sender could change it at any time. It could change the
        // bytes, too, but then they are only other bytes.
        uint32_t length = atomic_load(&shared->length[i]);
        if (length > HALF_SIZE)
            return EPROTO;
        if (length == 0)
            break;
        cksum_add(sum, shared->half[i], length);
        for (uint32_t done = 0; done < length;) {
            ssize_t n = write(file.file, shared->half[i] + done, length - done);
            if (n == -1 && errno != EINTR)
                return errno;
            if (n > 0)
                done += (uint32_t)n;
        }
        if (semop(set, &raise_empty, 1) == -1)
            return errno;
    }

    if (sum->length == atomic_load(&shared->size) &&
        cksum_end(sum) == atomic_load(&shared->checksum))
        return 0;
    return EBADMSG;
}

static const char *reason(int error)
{
    return error == EPIPE     ? "the sender has exited"
           : error == EBADMSG ? "what arrived is not what was sent"
                              : strerror(error);
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 3 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "file_recv KEYFILE TO");
    const char *path = argv[1], *to = argv[2];

    key_t key = ftok(path, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", path);
    if (atomic_file_locate(&file, to, to) == -1)
        err(1, "%s", to);
    int lock = segment_lock(path);
    if (lock == -1 || !segment_clear(key, path)) // of a killed receiver
        return 1;
    block_termination(); // until both ids are stored
    segment = shmget(key, sizeof(struct halves), IPC_CREAT | IPC_EXCL | 0600);
    if (segment == -1)
        errx(1, "shmget %s: %s", path, ipc_strerror(errno));
    set = semget(key, HALVES_SEMAPHORES, IPC_CREAT | IPC_EXCL | 0600);
    on_termination(remove_all);
    if (set == -1)
        errx(1, "semget %s: %s", path, ipc_strerror(errno));
    struct halves *shared = shmat(segment, NULL, 0);
    if ((intptr_t)shared == -1)
        err(1, "shmat");
    segment_label(&shared->header, HALVES_MAGIC, sizeof *shared);
    if (atomic_file_create(&file) == -1)
        err(1, "%s", to);

    struct sembuf raise_empty = {EMPTY, +2, 0}, raise_outcome = {OUTCOME, 1, 0};
    if (semop(set, &raise_empty, 1) == -1)
        err(1, "semop");
    close(lock);
    program_ready("ready on %s\n", path);

    struct cksum sum;
    cksum_start(&sum);
    int error = receive(shared, &sum);
    if (error == 0 && atomic_file_commit(&file) == -1)
        error = errno;
    atomic_store(&shared->outcome, error == 0 ? RECEIVED : error);
    semop(set, &raise_outcome, 1);
    if (shmctl(segment, IPC_RMID, NULL) == -1 || semctl(set, 0, IPC_RMID) == -1)
        err(1, "IPC_RMID");
    if (error != 0)
        errx(1, "%s: %s", to, reason(error));
    printf("%s: %" PRIu64 " bytes, cksum %" PRIu32 "\n", to, sum.length,
           cksum_end(&sum));
    return 0;
}
