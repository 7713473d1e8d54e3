/*
 * shm/control.c -- what else shmctl can do: who may write, and no swapping.
 *
 * Shows:   IPC_SET changes owner and mode: what the mode does not allow, shmat
 *          refuses. SHM_LOCK keeps the segment in memory, up to RLIMIT_MEMLOCK
 *          bytes, see getrlimit(2).
 *
 * Run:     $ build/shm/control
 *
 * Prints:  IPC_STAT  mode 0600, 4096 bytes
 *          IPC_SET   mode 0400, 4096 bytes
 *          shmat to write: <refused>
 *          SHM_LOCK  mode 02400, 4096 bytes
 *
 * Read:    shmget(2), shmctl(2), shmat(2)
 */
#define _GNU_SOURCE // SHM_LOCK
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>

#include "../common/program.h"
#include "segment.h"

static struct shmid_ds print_state(const char *event, int segment)
{
    struct shmid_ds about;

    if (shmctl(segment, IPC_STAT, &about) == -1)
        err(1, "IPC_STAT");
    printf("%-8s  mode %#o, %zu bytes\n", event, (unsigned)about.shm_perm.mode,
           about.shm_segsz);
    return about;
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 1 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "control");

    block_termination(); // until the id is stored
    int segment = shmget(IPC_PRIVATE, 4096, 0600);
    if (segment == -1)
        errx(1, "shmget: %s", ipc_strerror(errno));
    segment_remove_at_end(segment);
    struct shmid_ds about = print_state("IPC_STAT", segment);

    about.shm_perm.mode = 0400; // uid and gid could be changed as well
    if (shmctl(segment, IPC_SET, &about) == -1)
        err(1, "IPC_SET");
    print_state("IPC_SET", segment);
    void *memory = shmat(segment, NULL, 0);
    if ((intptr_t)memory == -1 && errno != EACCES)
        err(1, "shmat");
    printf("shmat to write: %s\n", (intptr_t)memory == -1
                                       ? strerror(errno)
                                       : "allowed, with CAP_IPC_OWNER");

    if (shmctl(segment, SHM_LOCK, NULL) == -1)
        err(1, "SHM_LOCK");
    print_state("SHM_LOCK", segment);
    return 0;
}
