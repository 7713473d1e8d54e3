/*
 * shm/posix_send.c -- send readings through POSIX shared memory.
 *
 * Shows:   fstat says how long the object is: ask before touching what is
 *          mapped. The descriptor may be closed after mmap; here it keeps a
 *          lock, by which the receiver sees that the sender is alive.
 *
 * Run:     start shm/posix_recv.c first; its header has both commands
 *
 * Read:    shm_open(3), fstat(2), mmap(2), sem_post(3), munmap(2)
 */
#include "../common/program.h"
#include "posix.h"

int main(int argc, char *argv[])
{
    program_start();
    long count;
    if (argc != 3 || !parse_flags(argc, argv, NULL) ||
        !parse_long(argv[2], 0, 1000000, &count))
        return usage(argc, argv, "posix_send FILE COUNT");

    char name[32];
    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    snprintf(name, sizeof name, "/shm-%08x", (unsigned)key);
    int fd = shm_open(name, O_RDWR, 0);
    if (fd == -1)
        err(1, "shm_open %s: is the receiver running?", name);
    struct posix_object *shared;
    struct stat about;
    if (fstat(fd, &about) == -1)
        err(1, "fstat");
    if (about.st_size != sizeof *shared || about.st_uid != geteuid() ||
        posix_role_holder(fd, POSIX_RECEIVER) == 0)
        errx(1, "%s: not the object of a receiver that runs", name);
    if (!posix_take_role(fd, POSIX_SENDER))
        errx(1, "%s: the receiver has a sender", name);
    shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED)
        err(1, "mmap");

    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        struct reading r = reading_or_end(seq, (uint32_t)count);

        while (!posix_wait(&shared->empty))
            if (posix_role_holder(fd, POSIX_RECEIVER) == 0)
                errx(1, "the receiver has exited");
        reading_slot_fill(&shared->slot, &r); // no call: it is memory
        if (sem_post(&shared->full) == -1)
            err(1, "sem_post");
    }
    if (munmap(shared, sizeof *shared) == -1)
        err(1, "munmap");
    return 0;
}
