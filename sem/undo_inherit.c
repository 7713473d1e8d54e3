/*
 * sem/undo_inherit.c -- whose account SEM_UNDO is kept in, and what is not in
 * it.
 *
 * Shows:   A child begins with an empty account; a program that is started by
 *          exec goes on with the old one. And the account is of semaphores
 *          only: the data that they guard stays as the killed process left it.
 *
 * Run:     $ build/sem/undo_inherit README.md
 *
 * Prints:  of 1, a process took 1 with SEM_UNDO. Then were killed
 *          its child:                           0
 *          itself:                              1
 *          the program that it became by exec:  1
 *          itself, between two changes:         1, and the numbers are 1 and 0
 *
 * Read:    semget(2), semop(2), semctl(2), fork(2), execl(3), mmap(2)
 */
#include <stdio.h>
#include <sys/mman.h>

#include "../common/child.h"
#include "leftover.h"

enum { OWNER = SEM_OWNER, LOCK, SEMAPHORES };

static int set = -1;
static int *numbers; // two, which only the holder of the lock may change

static void remove_set(void)
{
    semctl(set, 0, IPC_RMID);
}

static void operate(unsigned short semaphore, short op)
{
    struct sembuf one = {semaphore, op, SEM_UNDO | IPC_NOWAIT};

    if (semop(set, &one, 1) == -1)
        err(1, "semop");
}

static void nothing(void)
{
}

static void take(void)
{
    operate(LOCK, -1);
}

static void take_and_exec(void)
{
    operate(LOCK, -1);
    execl("/bin/sh", "sh", "-c", "kill -STOP $$", NULL);
    err(1, "execl");
}

static void take_and_change(void)
{
    operate(LOCK, -1);
    numbers[0] = 1; // and numbers[1] = 1 would be next
}

// Returns the semaphore after a child has done this and was killed.
static int after(void (*act)(void))
{
    pid_t parent = getpid(), child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        end_with(parent, SIGKILL); // which also ends one that is stopped
        act();
        kill(getpid(), SIGSTOP);
        _exit(1);
    }

    if (!child_has_stopped(child))
        errx(1, "the child did not stop");
    kill(child, SIGKILL);
    if (waitpid(child, NULL, 0) == -1)
        err(1, "waitpid");
    int value = semctl(set, LOCK, GETVAL);
    if (value == -1)
        err(1, "semctl");
    return value;
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc != 2)
        return usage(argc, argv, "undo_inherit KEYFILE");

    numbers = mmap(NULL, 2 * sizeof *numbers, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (numbers == MAP_FAILED)
        err(1, "mmap");
    set = semget(free_key(argv[1]), SEMAPHORES, IPC_CREAT | IPC_EXCL | 0600);
    if (set == -1)
        errx(1, "semget %s: %s", argv[1], ipc_strerror(errno));
    on_termination(remove_set);
    operate(OWNER, +1);
    operate(LOCK, +1);

    printf("of 1, a process took 1 with SEM_UNDO. Then were killed\n");
    take(); // this one, the parent
    printf("its child:                           %d\n", after(nothing));
    operate(LOCK, +1);
    printf("itself:                              %d\n", after(take));
    printf("the program that it became by exec:  %d\n", after(take_and_exec));
    printf("itself, between two changes:         %d, and the numbers are ",
           after(take_and_change));
    printf("%d and %d\n", numbers[0], numbers[1]);
    if (semctl(set, 0, IPC_RMID) == -1)
        err(1, "semctl");
    return 0;
}
