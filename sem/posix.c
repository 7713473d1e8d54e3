/*
 * sem/posix.c -- POSIX semaphores: one with a name, one in shared memory.
 *
 * Shows:   sem_open makes a semaphore and its value in one step; sem_init makes
 *          one in memory that processes share. Each is a number by itself: no
 *          sets, no wait for zero, no SEM_UNDO, and nothing tells its holder.
 *
 *          --kill: the child is killed while it holds the lock.
 *
 * Run:     $ build/sem/posix README.md
 *
 * Prints:  parent: made /sem-<key> of 1
 *          child: has the lock
 *          child: gives it back
 *          parent: has the lock
 *
 * Read:    sem_overview(7), sem_open(3), sem_init(3), mmap(2), fork(2),
 *          sem_wait(3), sem_post(3), sem_getvalue(3), sem_unlink(3)
 */
#define _GNU_SOURCE
#include <semaphore.h>
#include <stdio.h>
#include <sys/mman.h>

#include "../common/child.h"
#include "deadline.h"
#include "leftover.h"

#define CHILD_LIMIT_S 5 // that the parent waits for the child,
#define LIMIT_S 1       // and for the lock

static char name[32];

static void remove_name(void)
{
    sem_unlink(name);
}

// The child finds the lock by its name, as any process could.
static void hold_lock(sem_t *taken, bool killed)
{
    sem_t *lock = sem_open(name, 0);
    if (lock == SEM_FAILED)
        err(1, "sem_open %s", name);
    if (sem_wait(lock) == -1)
        err(1, "sem_wait");
    if (sem_post(taken) == -1)
        err(1, "sem_post");
    printf("child: has the lock\n");
    if (killed)
        raise(SIGKILL);
    printf("child: gives it back\n");
    if (sem_post(lock) == -1)
        err(1, "sem_post");
}

static bool wait_for(sem_t *semaphore, int seconds)
{
    const struct timespec until = deadline(seconds);

    while (sem_timedwait(semaphore, &until) == -1) {
        if (errno == ETIMEDOUT)
            return false;
        if (errno != EINTR)
            err(1, "sem_timedwait");
    }
    return true;
}

int main(int argc, char *argv[])
{
    program_start();
    int killed = 0;
    const struct option flags[] = {{"kill", no_argument, &killed, 1}, {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "posix [--kill] KEYFILE");

    lock_key_file(argv[optind]);
    key_t key = ftok(argv[optind], IPC_PROJECT); // only to build the name
    snprintf(name, sizeof name, "/sem-%08x", (unsigned)key);
    sem_unlink(name); // that a killed run left
    block_termination();
    sem_t *lock = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
    if (lock == SEM_FAILED)
        err(1, "sem_open %s", name);
    on_termination(remove_name);
    printf("parent: made %s of 1\n", name);
    sem_t *taken = mmap(NULL, sizeof *taken, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (taken == MAP_FAILED || sem_init(taken, 1, 0) == -1) // 1: for processes
        err(1, "sem_init");

    pid_t parent = getpid(), child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        set_pdeathsig(parent, SIGTERM);
        hold_lock(taken, killed);
        exit(0);
    }
    if (!wait_for(taken, CHILD_LIMIT_S))
        errx(1, "the child did not take the lock within %d s", CHILD_LIMIT_S);
    if (!wait_for(lock, LIMIT_S)) {
        int value;
        sem_getvalue(lock, &value);
        errx(1, "waited %d s for the lock: it is %d, and its holder has ended",
             LIMIT_S, value);
    }
    printf("parent: has the lock\n");
    if (sem_unlink(name) == -1)
        err(1, "sem_unlink %s", name);
    return child_succeeded(child, "child") ? 0 : 1;
}
