/*
 * tests/race.c -- shm/ring.h and the halves between two threads, for
 * ThreadSanitizer to look at.
 *
 *     cc -fsanitize=thread -o race tests/race.c
 *     export TSAN_OPTIONS=halt_on_error=1
 *     race ring, race halves      in order: it says nothing, status 0
 *     the same and --relaxed      a data race, status 66
 *
 * Processes share a segment in the same way as threads do their memory, but
 * ThreadSanitizer sees only one process. It does not wait for wrong data: it
 * knows which accesses are ordered by atomics, and reports two to the same
 * bytes that are not, one of them a store. So it finds on x86 what only shows
 * on ARM.
 */
#define _GNU_SOURCE // O_TMPFILE, semtimedop, sched_setaffinity
#include <inttypes.h>
#include <pthread.h>
#include <sanitizer/tsan_interface.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>

#include "../common/program.h"

static bool is_relaxed;
static const struct timespec immediately;

// ThreadSanitizer does not know what semop(2) orders: the n-th who lowers a
// semaphore comes after the n-th who has raised it. --relaxed: the receiver
// gives a half back before it has emptied it.
static int ordered_semop(int set, const struct sembuf *operation, size_t n,
                         const struct timespec *timeout)
{
    static char order[3][64];
    static unsigned raised[3] = {0}, lowered[3] = {0};
    const struct sembuf early = {0, 1, 0}; // EMPTY
    struct sembuf one = *operation;
    unsigned which = one.sem_num;

    if (is_relaxed && which == 0 && one.sem_op == 1 && timeout != &immediately)
        return 0;
    for (int i = 0; i < one.sem_op; i++)
        __tsan_release(&order[which][raised[which]++ % 64]);
    int result = semtimedop(set, &one, n, one.sem_op < 0 ? timeout : NULL);
    if (result == -1 || one.sem_op > 0)
        return result;
    __tsan_acquire(&order[which][lowered[which]++ % 64]);
    return is_relaxed && which == 1
               ? ordered_semop(set, &early, 1, &immediately)
               : 0;
}

#define semtimedop ordered_semop
#define semop(set, operations, n) ordered_semop(set, operations, n, NULL)
#define main file_send
#include "../shm/file_send.c"
#undef main
#define main file_recv
#define set receiver_set // file_send.c has others of these names
#define segment receiver_segment
#include "../shm/file_recv.c"
#undef main
#undef semop
#undef semtimedop

#include "../shm/ring.h"

#define READINGS 20000 // several rounds
#define FILE_BYTES (8UL * HALF_SIZE)

static struct ring ring;
static struct halves *halves;

static void *ring_sends(void *unused)
{
    static char uncached[RING_UNCACHED_SIZE];
    struct ring_end end;

    ring_join(&end, &ring, RING_SENDER);
    end.uncached = is_relaxed ? uncached : NULL;
    for (uint32_t seq = 1; seq <= READINGS; seq++) {
        struct reading r = reading_sample(seq);
        while (ring_ready(&end) == 0)
            ring_wait(&end);
        reading_slot_fill(ring_slot(&end), &r);
        ring_next(&end);
    }
    ring_publish(&end);
    return unused;
}

static bool ring_receives(void)
{
    struct ring_end end;

    ring_join(&end, &ring, RING_RECEIVER);
    for (uint32_t seq = 1; seq <= READINGS; seq++) {
        struct reading_slot slot;
        while (ring_ready(&end) == 0)
            ring_wait(&end);
        reading_slot_read(&slot, ring_slot(&end));
        ring_next(&end);
        if (!reading_slot_valid(&slot) || slot.reading.seq != seq)
            return false;
    }
    ring_publish(&end);
    return true;
}

static void *halves_send(void *sum)
{
    int from = memfd_create("from", 0);

    if (from != -1 && ftruncate(from, FILE_BYTES) == 0)
        send_file(from, "from", set, segment, halves, sum);
    return NULL;
}

static bool halves_receive(void)
{
    struct sembuf raise_empty = {EMPTY, +2, 0};
    pthread_t sender;
    struct cksum sent, received;

    segment = shmget(IPC_PRIVATE, sizeof *halves, 0600);
    halves = shmat(segment, NULL, 0);
    shmat(segment, NULL, 0);         // the peer's
    shmctl(segment, IPC_RMID, NULL); // with us
    file.file = open("/dev/null", O_WRONLY);
    cksum_start(&sent);
    cksum_start(&received);
    if ((intptr_t)halves == -1 ||
        ordered_semop(set, &raise_empty, 1, NULL) == -1 ||
        pthread_create(&sender, NULL, halves_send, &sent) != 0)
        return false;
    bool ok = receive(halves, &received) == 0 && received.length == FILE_BYTES;
    semctl(set, 0, IPC_RMID); // a sender that still waits gives up
    pthread_join(sender, NULL);
    return ok || is_relaxed;
}

int main(int argc, char *argv[])
{
    const char *what = argc > 1 ? argv[1] : "";
    pthread_t sender;

    is_relaxed = argc > 2 && strcmp(argv[2], "--relaxed") == 0;
    if (strcmp(what, "halves") == 0) {
        // Our child may end in the middle of it, and leave the set to us.
        set = semget(IPC_PRIVATE, HALVES_SEMAPHORES, 0600);
        int outcome = 0;
        pid_t child = fork();
        if (child == 0)
            return halves_receive() ? 0 : 1;
        waitpid(child, &outcome, 0);
        semctl(set, 0, IPC_RMID);
        return WEXITSTATUS(outcome);
    }
    if (strcmp(what, "ring") != 0)
        return usage(argc, argv, "race ring|halves [--relaxed]");
    if (pthread_create(&sender, NULL, ring_sends, NULL) != 0)
        return 1;
    bool ok = ring_receives();
    pthread_join(sender, NULL);
    return ok ? 0 : 1;
}
