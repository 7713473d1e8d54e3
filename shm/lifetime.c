/*
 * shm/lifetime.c -- how long a segment lives.
 *
 * Shows:   shmat and fork attach, shmdt and the end of a process detach, and
 *          the kernel counts. IPC_RMID takes the key at once, but the memory
 *          stays until the last detach; the next shmget with that key makes
 *          another segment. Without IPC_RMID it would stay for ever.
 *
 * Run:     $ build/shm/lifetime README.md
 *
 * Prints:  after          key         perms  nattch
 *          shmget         <0x490001b6>    600       0
 *          shmat          <0x490001b6>    600       1
 *          fork           <0x490001b6>    600       2
 *          IPC_RMID       0x00000000   1600       2
 *          shmget again   <0x490001b6>    600       0
 *          kill -9 child  0x00000000   1600       1
 *          still in it: oslo #1
 *          shmdt          gone: Invalid argument
 *
 * Read:    shmget(2), shmat(2), shmctl(2), proc(5), ipcs(1), ipcrm(1)
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/ending.h"
#include "../common/program.h"
#include "../common/reading.h"
#include "segment.h"

static int first = -1, second = -1; // segments

static void remove_both(void)
{
    shmctl(first, IPC_RMID, NULL);
    shmctl(second, IPC_RMID, NULL);
}

static void remove_both_and_end(int number)
{
    remove_both();
    end_by(number);
}

// What ipcs(1) would show of it.
static void show(const char *event, int segment)
{
    struct shmid_ds about;

    if (shmctl(segment, IPC_STAT, &about) == 0)
        printf("%-13s  0x%08x  %5o  %6lu\n", event,
               (unsigned)about.shm_perm.__key, (unsigned)about.shm_perm.mode,
               (unsigned long)about.shm_nattch);
    else
        printf("%-13s  gone: %s\n", event, strerror(errno));
}

int main(int argc, char *argv[])
{
    program_start();
    int keep = false; // break it: leave out IPC_RMID
    const struct option flags[] = {{"no-rmid", no_argument, &keep, true}, {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "lifetime [--no-rmid] FILE");
    const char *path = argv[optind];

    key_t key = ftok(path, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", path);
    int lock = segment_lock(path); // held to the end: there is one key for all
    if (lock == -1)
        err(1, "lock %s", path);
    if (!segment_clear(key, path)) // what --no-rmid left
        return 1;
    before_ending(remove_both_and_end);
    puts("after          key         perms  nattch");

    first = shmget(key, sizeof(struct reading), IPC_CREAT | IPC_EXCL | 0600);
    if (first == -1)
        err(1, "shmget %s", path);
    show("shmget", first);
    struct reading *reading = shmat(first, NULL, 0);
    if ((intptr_t)reading == -1)
        err(1, "shmat");
    show("shmat", first);
    *reading = reading_sample(1);

    fflush(stdout); // or the child has our lines, too
    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        alarm(5); // in case nobody kills it
        pause();
        return 1;
    }
    show("fork", first);

    if (!keep && shmctl(first, IPC_RMID, NULL) == -1)
        err(1, "shmctl");
    show(keep ? "no IPC_RMID" : "IPC_RMID", first);
    second = shmget(key, sizeof(struct reading), IPC_CREAT | IPC_EXCL | 0600);
    if (second == -1)
        printf("shmget again   %s\n", strerror(errno));
    else
        show("shmget again", second);

    if (kill(child, SIGKILL) == -1 || waitpid(child, NULL, 0) == -1)
        err(1, "kill");
    show("kill -9 child", first);
    printf("still in it: %s #%" PRIu32 "\n", reading->station, reading->seq);
    if (shmdt(reading) == -1)
        err(1, "shmdt");
    show("shmdt", first);

    if (keep)
        errx(1, "nobody has it, and it stays: ipcrm -m %d", first);
    if (shmctl(second, IPC_RMID, NULL) == -1)
        err(1, "shmctl");
    return 0;
}
