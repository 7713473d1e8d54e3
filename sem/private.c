/*
 * sem/private.c -- a semaphore set without a key, for parent and child.
 *
 * Shows:   IPC_PRIVATE is no key: each semget makes another set. Nobody else
 *          can find it; a child knows it because the id is in a variable that
 *          fork copies. And nobody finds it again when all who knew it are
 *          dead.
 *
 * Run:     $ build/sem/private
 *
 * Prints:  parent: has made a set
 *          parent: calls
 *          child: was called, and answers
 *          parent: has the answer
 *
 * Read:    semget(2), semop(2), semctl(2), fork(2)
 */
#define _GNU_SOURCE // semtimedop, SEM_STAT
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <time.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/ending.h"
#include "../common/program.h"
#include "../common/semun.h"
#include "sem_within.h"

#define LIMIT 1 // seconds that the child waits; the parent waits one more

// A set with a key is known by its key. This one has its size for a mark: more
// semaphores than it needs, but a number that nobody has by chance.
enum { OWNER, CALL, ANSWER, SEMAPHORES = IPC_PROJECT };

// There is no owner, and now it is us: until we end, however we end.
static struct sembuf claim[] = {
    {OWNER, 0, IPC_NOWAIT},
    {OWNER, +1, SEM_UNDO},
};

static int set = -1;

static void remove_set(void)
{
    semctl(set, 0, IPC_RMID);
}

static void remove_set_and_end(int number)
{
    remove_set();
    end_by(number);
}

// If an earlier run was killed, parent and child, its set is still there: look
// at all sets for those that have our mark and no owner.
static void remove_orphans(void)
{
    struct seminfo info;
    struct semid_ds about = {0};
    int last = semctl(0, 0, SEM_INFO, (union semun){.__buf = &info});

    for (int i = 0; i <= last; i++) {
        int id = semctl(i, 0, SEM_STAT, (union semun){.buf = &about});
        if (id != -1 && about.sem_perm.__key == IPC_PRIVATE &&
            about.sem_perm.cuid == geteuid() && about.sem_nsems == SEMAPHORES &&
            semop(id, claim, 2) == 0)
            semctl(id, 0, IPC_RMID);
    }
}

static int new_set(void)
{
    for (;;) {
        int id = semget(IPC_PRIVATE, SEMAPHORES, 0600);
        if (id == -1)
            err(1, "semget");
        if (semop(id, claim, 2) == 0)
            return id;
        if (errno != EIDRM && errno != EINVAL && errno != EAGAIN)
            err(1, "semop");
        // Somebody took it for an orphan, in between: make another.
    }
}

static void operate(unsigned short semaphore, short op, time_t seconds)
{
    struct sembuf one = {semaphore, op, 0};

    if (sem_within(set, &one, 1, seconds) == -1)
        err(1, "%s, %ld s at most",
            semaphore == CALL ? "child: waiting for the call"
                              : "parent: waiting for the answer",
            (long)seconds);
}

int main(int argc, char *argv[])
{
    program_start();
    int separate = 0;
    const struct option flags[] = {
        {"separate", no_argument, &separate, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc != optind)
        return usage(argc, argv, "private [--separate]");

    remove_orphans();
    before_ending(remove_set_and_end);
    set = new_set();
    atexit(remove_set);
    printf("parent: has made a set\n");

    pid_t parent = getpid(), child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        end_with(parent, SIGTERM);
        if (separate) {
            set = new_set();
            printf("child: has made a set\n");
        }
        operate(CALL, -1, LIMIT);
        printf("child: was called, and answers\n");
        operate(ANSWER, +1, LIMIT);
        _exit(0);
    }

    printf("parent: calls\n");
    operate(CALL, +1, LIMIT);
    operate(ANSWER, -1, LIMIT + 1);
    printf("parent: has the answer\n");
    return child_succeeded(child, "child") ? 0 : 1;
}
