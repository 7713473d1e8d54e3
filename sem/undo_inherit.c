/*
 * sem/undo_inherit.c -- SEM_UNDO, fork and exec.
 *
 * Shows:   What SEM_UNDO is to give back (semadj, in semop(2)) is 0 in a child,
 *          and is kept over exec. It is about semaphores only: the data that
 *          they guard stays as the killed process left it.
 *
 * Run:     $ build/sem/undo_inherit README.md
 *
 * Prints:  a process takes 1 from a semaphore of 1, with SEM_UNDO. After
 *          its child is killed:            0
 *          it is killed:                   1
 *          it calls exec, and is killed:   1
 *          it is killed between 2 stores:  1, and the numbers are 1 and 0
 *
 * Read:    semop(2), semctl(2), fork(2), execl(3), mmap(2)
 */
#include <stdio.h>
#include <sys/mman.h>

#include "../common/child.h"
#include "leftover.h"

enum { OWNER = SEM_OWNER, LOCK, SEMAPHORES };

static int set = -1;
static int *numbers; // two, which only the holder of the lock may change

static void operate(short op)
{
    struct sembuf one = {LOCK, op, SEM_UNDO | IPC_NOWAIT};

    if (semop(set, &one, 1) == -1)
        err(1, "semop");
}

static void do_nothing(void)
{
}

static void take(void)
{
    operate(-1);
}

static void take_and_exec(void)
{
    operate(-1);
    execl("/bin/sh", "sh", "-c", "kill -STOP $$", NULL);
    err(1, "execl");
}

static void take_and_store(void)
{
    operate(-1);
    numbers[0] = 1; // and numbers[1] = 1 would be next
}

// Returns the value of LOCK after a child has called act() and was killed.
static int value_after_kill(void (*act)(void))
{
    pid_t parent = getpid(), child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        set_pdeathsig(parent, SIGKILL); // also if it is stopped
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
    set = new_set(argv[1], SEMAPHORES);
    operate(+1);

    printf("a process takes 1 from a semaphore of 1, with SEM_UNDO. After\n");
    take(); // this one, the parent
    printf("its child is killed:            %d\n",
           value_after_kill(do_nothing));
    operate(+1);
    printf("it is killed:                   %d\n", value_after_kill(take));
    printf("it calls exec, and is killed:   %d\n",
           value_after_kill(take_and_exec));
    printf("it is killed between 2 stores:  %d, and the numbers are ",
           value_after_kill(take_and_store));
    printf("%d and %d\n", numbers[0], numbers[1]);
    if (semctl(set, 0, IPC_RMID) == -1)
        err(1, "semctl");
    return 0;
}
