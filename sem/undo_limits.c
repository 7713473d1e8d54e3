/*
 * sem/undo_limits.c -- what SEM_UNDO gives back, and what it does not.
 *
 * Shows:   The kernel keeps one sum for each process and semaphore (semadj, in
 *          semop(2)): of what the process did with SEM_UNDO. When the process
 *          ends, the sum is taken back, as far as the value stays between 0 and
 *          32767. What was done without SEM_UNDO, or by others, stays.
 *
 * Run:     $ build/sem/undo_limits README.md
 *
 * Prints:  what the process did                       before  after
 *          took 1 without SEM_UNDO                         1      0
 *          took 1 with SEM_UNDO                            1      1
 *          took 1, gave 1 back, both with SEM_UNDO         1      1
 *          took 1 with, gave 1 back without SEM_UNDO       1      2
 *          the same again and again, until ERANGE          1  32767
 *          took 1 with SEM_UNDO; another did SETVAL 0      1      0
 *          took 1 with SEM_UNDO; another gave 32767        1  32767
 *          gave 1 with SEM_UNDO; another took it           0      0
 *
 * Read:    semop(2), semctl(2), fork(2), kill(2), wait(2)
 */
#include <stdio.h>

#include "../common/child.h"
#include "leftover.h"

enum { OWNER = SEM_OWNER, SEMAPHORE, SEMAPHORES };

struct step {
    short op, undo;
};

static const struct experiment {
    const char *what;
    int before;
    struct step steps[2]; // what the process does before it is killed,
    bool until_erange;    // once, or until that fails
    bool set_to_0;        // what another process does in between:
    short add;            // SETVAL to 0, or semop by add, or nothing
} experiments[] = {
    {"took 1 without SEM_UNDO", 1, .steps = {{-1, 0}}},
    {"took 1 with SEM_UNDO", 1, .steps = {{-1, SEM_UNDO}}},
    {"took 1, gave 1 back, both with SEM_UNDO", 1,
     .steps = {{-1, SEM_UNDO}, {+1, SEM_UNDO}}},
    {"took 1 with, gave 1 back without SEM_UNDO", 1,
     .steps = {{-1, SEM_UNDO}, {+1, 0}}},
    {"the same again and again, until ERANGE", 1,
     .steps = {{-1, SEM_UNDO}, {+1, 0}}, .until_erange = true},
    {"took 1 with SEM_UNDO; another did SETVAL 0", 1, .steps = {{-1, SEM_UNDO}},
     .set_to_0 = true},
    {"took 1 with SEM_UNDO; another gave 32767", 1, .steps = {{-1, SEM_UNDO}},
     .add = 32767},
    {"gave 1 with SEM_UNDO; another took it", 0, .steps = {{+1, SEM_UNDO}},
     .add = -1},
};

static int set = -1;

static bool operate(struct step step)
{
    struct sembuf one = {SEMAPHORE, step.op, (short)(step.undo | IPC_NOWAIT)};

    return step.op == 0 || semop(set, &one, 1) == 0;
}

static void set_value(int value)
{
    if (semctl(set, SEMAPHORE, SETVAL, (union semun){.val = value}) == -1)
        err(1, "semctl");
}

// Returns the value in the end.
static int result(const struct experiment *e)
{
    set_value(e->before); // this also makes the kernel forget all sums
    pid_t parent = getpid(), process = fork();
    if (process == -1)
        err(1, "fork");
    if (process == 0) {
        set_pdeathsig(parent, SIGKILL); // also if it is stopped
        bool ok;
        do
            ok = operate(e->steps[0]) && operate(e->steps[1]);
        while (ok && e->until_erange);
        if (!ok && (!e->until_erange || errno != ERANGE))
            err(1, "%s", e->what);
        kill(getpid(), SIGSTOP);
        _exit(1);
    }

    if (!child_has_stopped(process))
        errx(1, "%s: the process did not stop", e->what);
    if (e->set_to_0)
        set_value(0);
    if (!operate((struct step){e->add, 0}))
        err(1, "%s", e->what);
    kill(process, SIGKILL);
    if (waitpid(process, NULL, 0) == -1)
        err(1, "waitpid");
    int value = semctl(set, SEMAPHORE, GETVAL);
    if (value == -1)
        err(1, "semctl");
    return value;
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "undo_limits KEYFILE");

    set = new_set(argv[1], SEMAPHORES);

    printf("%-42s %6s %6s\n", "what the process did", "before", "after");
    for (size_t i = 0; i < sizeof experiments / sizeof *experiments; i++)
        printf("%-42s %6d %6d\n", experiments[i].what, experiments[i].before,
               result(&experiments[i]));
    if (semctl(set, 0, IPC_RMID) == -1)
        err(1, "semctl");
    return 0;
}
