/*
 * sem/private.c -- a semaphore set without a key, for parent and child.
 *
 * Shows:   IPC_PRIVATE is the key that no set is found by: each semget makes
 *          another one. A child knows the set of its parent because fork copies
 *          the variable that has its id.
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
#include <stdio.h>

#include "../common/child.h"
#include "leftover.h"
#include "semop_within.h"

#define LIMIT_S 1 // seconds that the child waits; the parent waits one more

// Three would do. A leftover without a key is recognised by its size, so this
// is a number that other programs hardly use.
enum { OWNER = SEM_OWNER, CALL, ANSWER, SEMAPHORES = 73 };

static int set = -1;

static void make_set(const char *who)
{
    block_termination(); // or the set could stay, and its id would be unknown
    set = semget(IPC_PRIVATE, SEMAPHORES, 0600);
    if (set == -1)
        errx(1, "semget: %s", ipc_strerror(errno));
    own_set(set);
    printf("%s: has made a set\n", who);
}

static void operate(unsigned short semaphore, short op, int seconds,
                    const char *what)
{
    struct sembuf one = {semaphore, op, 0};

    if (!semop_within(seconds, set, &one, 1))
        err(1, "%s, %d s at most", what, seconds);
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

    remove_private_leftovers(SEMAPHORES);
    make_set("parent");
    pid_t parent = getpid(), child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        set_pdeathsig(parent, SIGTERM);
        if (separate)
            make_set("child");
        operate(CALL, -1, LIMIT_S, "child: waiting for the call");
        printf("child: was called, and answers\n");
        operate(ANSWER, +1, LIMIT_S, "child: answering");
        exit(0);
    }

    printf("parent: calls\n");
    operate(CALL, +1, LIMIT_S, "parent: calling");
    operate(ANSWER, -1, LIMIT_S + 1, "parent: waiting for the answer");
    printf("parent: has the answer\n");
    if (!child_succeeded(child, "child"))
        return 1;
    if (semctl(set, 0, IPC_RMID) == -1)
        err(1, "semctl");
    return 0;
}
