/*
 * shm/posix_recv.c -- the pair basic with POSIX shared memory.
 *
 * Shows:   A POSIX object has a name and is a descriptor, a file of a file
 *          system in memory: sizes, modes and locks are those of files. A new
 *          one has 0 bytes. What is mapped behind its end is SIGBUS.
 *
 * Run:     terminal 1 $ build/shm/posix_recv README.md
 *          terminal 2 $ build/shm/posix_send README.md 3
 *
 * Prints:  ready on README.md: <name>
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          3 of 3 readings arrived
 *
 * Read:    shm_overview(7), shm_open(3), ftruncate(2), mmap(2), sem_init(3),
 *          sem_post(3), shm_unlink(3)
 */
#include <signal.h>

#include "../common/program.h"
#include "posix.h"
#include "segment.h"

static char name[32];

static void remove_name(void)
{
    shm_unlink(name);
}

// It may call errx, although it is a signal handler: what it interrupts uses
// nothing that errx needs.
static void end_at_fault(int number)
{
    (void)number;
    // NOLINTNEXTLINE(bugprone-signal-handler,cert-sig30-c)
    errx(1, "SIGBUS: mapped, but behind the end of the object");
}

static void wait_for_full(struct posix_object *shared, int fd, bool has_sent)
{
    bool exited = false; // then look once more: its END may have come

    while (!posix_wait(&shared->full)) {
        int empty = 1;
        if (exited)
            errx(1, "the sender has exited");
        sem_getvalue(&shared->empty, &empty);
        exited = posix_role_holder(fd, POSIX_SENDER) == 0 &&
                 (has_sent || empty == 0);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    int no_truncate = false; // break it
    const struct option flags[] = {
        {"no-ftruncate", no_argument, &no_truncate, true}, {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "posix_recv [--no-ftruncate] FILE");
    const char *path = argv[optind];

    key_t key = ftok(path, IPC_PROJECT); // only to build the name
    if (key == -1)
        err(1, "ftok %s", path);
    snprintf(name, sizeof name, "/shm-%08x", (unsigned)key);
    int lock = segment_lock(path);
    if (lock == -1 || !posix_clear(name)) // of a killed receiver
        return 1;
    block_termination();
    int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd == -1)
        err(1, "shm_open %s", name);
    on_termination(remove_name);
    struct posix_object *shared;
    if (!no_truncate && ftruncate(fd, sizeof *shared) == -1)
        err(1, "ftruncate");
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                  0); // does not mind where the object ends
    if (shared == MAP_FAILED)
        err(1, "mmap");

    signal(SIGBUS, end_at_fault);
    if (sem_init(&shared->empty, 1, 1) == -1 || // 1: between processes
        sem_init(&shared->full, 1, 0) == -1)
        err(1, "sem_init");
    if (!posix_take_role(fd, POSIX_RECEIVER))
        err(1, "fcntl");
    close(lock);
    program_ready("ready on %s: %s\n", path, name);

    struct reading_slot slot;
    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        wait_for_full(shared, fd, arrived > 0);
        reading_slot_read(&slot, &shared->slot);
        if (sem_post(&shared->empty) == -1)
            err(1, "sem_post");
        if (reading_slot_valid(&slot))
            more = reading_count(&slot.reading, &arrived);
    }
    if (shm_unlink(name) == -1)
        err(1, "shm_unlink");
    return arrived == slot.reading.seq ? 0 : 1;
}
