/*
 * shm/lifetime.c -- how long a segment lives.
 *
 * Shows:   shmat and fork attach, shmdt and the end of a process detach, and
 *          the kernel counts. IPC_RMID takes the key at once, but the memory
 *          stays until the last detach; the next shmget with that key makes
 *          another segment. Without IPC_RMID it stays until a restart.
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
 * Read:    ftok(3), shmget(2), shmat(2), fork(2), shmctl(2), kill(2),
 *          waitpid(2), shmdt(2), ipcs(1), ipcrm(1)
 */
#include <stdio.h>
#include <sys/shm.h>
#include <sys/wait.h>

#include "../common/child.h"
#include "../common/program.h"
#include "basic.h"

#define NEW (IPC_CREAT | IPC_EXCL | 0600)

static int first = -1, second = -1; // segments

static void remove_both(void)
{
    shmctl(first, IPC_RMID, NULL);
    shmctl(second, IPC_RMID, NULL);
}

// What ipcs(1) would show of it.
static void print_state(const char *event, int segment)
{
    struct shmid_ds about;

    if (shmctl(segment, IPC_STAT, &about) == -1) {
        if (errno != EINVAL && errno != EIDRM)
            err(1, "IPC_STAT");
        printf("%-13s  gone: %s\n", event, strerror(errno));
    } else {
        printf("%-13s  0x%08x  %5o  %6lu\n", event,
               (unsigned)about.shm_perm.__key, (unsigned)about.shm_perm.mode,
               (unsigned long)about.shm_nattch);
    }
}

// As the kernel sees it: fork attaches, and the end of a process detaches.
static pid_t start_child(void)
{
    pid_t parent = getpid();
    pid_t child = fork();

    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        set_pdeathsig(parent, SIGKILL); // so that it never outlives this lesson
        for (;;)
            pause();
    }
    return child;
}

// While the first has the key, shmget fails; after IPC_RMID it makes another.
static void make_second(const char *path, key_t key)
{
    block_termination(); // until the id is stored
    second = shmget(key, sizeof(struct reading), NEW);
    unblock_termination();
    if (second != -1)
        print_state("shmget again", second);
    else if (errno == EEXIST)
        printf("shmget again   %s\n", strerror(errno));
    else
        errx(1, "shmget %s: %s", path, ipc_strerror(errno));
}

int main(int argc, char *argv[])
{
    program_start();
    int no_rmid = false; // break it
    const struct option flags[] = {{"no-rmid", no_argument, &no_rmid, true},
                                   {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "lifetime [--no-rmid] FILE");
    const char *path = argv[optind];

    key_t key = ftok(path, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", path);
    int lock = segment_lock(path); // until the end: it makes two segments
    if (lock == -1 || !segment_clear(key, path))
        return 1;
    puts("after          key         perms  nattch");

    block_termination(); // until the id is stored
    first = shmget(key, sizeof(struct reading), NEW);
    if (first == -1)
        errx(1, "shmget %s: %s", path, ipc_strerror(errno));
    if (no_rmid)
        unblock_termination();
    else
        on_termination(remove_both);
    print_state("shmget", first);

    struct reading *reading = shmat(first, NULL, 0);
    if ((intptr_t)reading == -1)
        err(1, "shmat");
    print_state("shmat", first);
    *reading = reading_sample(1);

    pid_t child = start_child();
    print_state("fork", first);

    if (!no_rmid && shmctl(first, IPC_RMID, NULL) == -1)
        err(1, "shmctl");
    print_state(no_rmid ? "no IPC_RMID" : "IPC_RMID", first);

    make_second(path, key);
    if (kill(child, SIGKILL) == -1 || waitpid(child, NULL, 0) == -1)
        err(1, "kill");
    print_state("kill -9 child", first);
    printf("still in it: %s #%" PRIu32 "\n", reading->station, reading->seq);
    if (shmdt(reading) == -1)
        err(1, "shmdt");
    print_state("shmdt", first);
    if (no_rmid)
        errx(1, "it stays, attached by no process: ipcrm -m %d", first);
    return second == -1 ? 1 : 0;
}
