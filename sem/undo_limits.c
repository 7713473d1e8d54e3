/*
 * sem/undo_limits.c -- what SEM_UNDO gives back, and what it does not.
 *
 * Shows:   The kernel keeps one sum for each process and semaphore: of what the
 *          process did with SEM_UNDO. When it ends, the sum is taken back as
 *          far as that goes - whatever was done without, or by others.
 *
 * Run:     $ build/sem/undo_limits README.md
 *
 * Prints:  a process                                  before  after
 *          took 1 without SEM_UNDO                         1      0
 *          took 1 with                                     1      1
 *          took 1 with, and gave it back with              1      1
 *          took 1 with, and gave it back without           1      2
 *          took 1 with; another one did SETVAL             1      0
 *          took 1 with; another one gave 32767             1  32767
 *          gave 1 with; another one took it                0      0
 *          was the child of one that took 1 with           1      0
 *          took 1 with, and became another by exec         1      1
 *          took with, gave without, until ERANGE           1  32767
 *          changed one of two numbers, holding it          1      1
 *          ... and these numbers are 1 and 0
 *
 * Read:    semop(2), semctl(2), fork(2), execl(3), mmap(2)
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/ending.h"
#include "../common/program.h"
#include "../common/semun.h"
#include "sem_own.h"

enum { OWNER = SEM_OWNER, SEMAPHORE, SEMAPHORES };

// Who does what: T takes 1 and G gives 1, both with SEM_UNDO; t, g without.
struct experiment {
    const char *what;
    int before;
    const char *parent;  // before it forks the process,
    const char *process; // the process, which is then killed,
    const char *another; // and what another one does before that
};

static const struct experiment experiments[] = {
    {"took 1 without SEM_UNDO", 1, "", "t", ""},
    {"took 1 with", 1, "", "T", ""},
    {"took 1 with, and gave it back with", 1, "", "TG", ""},
    {"took 1 with, and gave it back without", 1, "", "Tg", ""},
    {"took 1 with; another one did SETVAL", 1, "", "T", "0"},
    {"took 1 with; another one gave 32767", 1, "", "T", "m"},
    {"gave 1 with; another one took it", 0, "", "G", "t"},
    {"was the child of one that took 1 with", 1, "T", "", ""},
    {"took 1 with, and became another by exec", 1, "", "Tx", ""},
    {"took with, gave without, until ERANGE", 1, "", "r", ""},
    {"changed one of two numbers, holding it", 1, "", "T1", ""},
};

static int set = -1;
static int *numbers; // two of them, in memory that all processes share

static void remove_set(void)
{
    semctl(set, 0, IPC_RMID);
}

static void remove_set_and_end(int number)
{
    remove_set();
    end_by(number);
}

// Returns 0, or -1 and errno. Nothing here has to wait.
static int operate(short op, short flags)
{
    struct sembuf one = {SEMAPHORE, op, (short)(flags | IPC_NOWAIT)};

    return semop(set, &one, 1);
}

static void set_value(int value)
{
    if (semctl(set, SEMAPHORE, SETVAL, (union semun){.val = value}) == -1)
        err(1, "semctl");
}

static void act(const char *acts)
{
    int done = 0;

    for (; *acts != '\0'; acts++) {
        switch (*acts) {
        case 'T':
            done = operate(-1, SEM_UNDO);
            break;
        case 't':
            done = operate(-1, 0);
            break;
        case 'G':
            done = operate(+1, SEM_UNDO);
            break;
        case 'g':
            done = operate(+1, 0);
            break;
        case 'm':
            done = operate(32767, 0);
            break;
        case 'r':
            while (operate(-1, SEM_UNDO) == 0 && operate(+1, 0) == 0)
                ;
            done = errno == ERANGE ? 0 : -1;
            break;
        case '0':
            set_value(0);
            break;
        case '1':
            numbers[0] = 1; // and numbers[1] = 1 would be next
            break;
        case 'x':
            done = execl("/bin/sh", "sh", "-c", "kill -STOP $$", NULL);
            break;
        }
        if (done == -1)
            err(1, "%c", *acts);
    }
}

// Returns the value in the end.
static int result(const struct experiment *e)
{
    pid_t parent = getpid();

    set_value(e->before); // this also makes the kernel forget all sums
    act(e->parent);
    pid_t process = fork();
    if (process == -1)
        err(1, "fork");
    if (process == 0) {
        end_with(parent, SIGKILL);
        act(e->process);
        kill(getpid(), SIGSTOP);
        _exit(1);
    }

    int outcome; // that it has stopped, then that it has ended
    if (waitpid(process, &outcome, WUNTRACED) == -1 || !WIFSTOPPED(outcome))
        errx(1, "%s: the process did not stop", e->what);
    act(e->another);
    kill(process, SIGKILL);
    if (waitpid(process, &outcome, 0) == -1)
        err(1, "waitpid");
    return semctl(set, SEMAPHORE, GETVAL);
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc != 2)
        return usage(argc, argv, "undo_limits KEYFILE");

    numbers = mmap(NULL, 2 * sizeof *numbers, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (numbers == MAP_FAILED)
        err(1, "mmap");
    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    before_ending(remove_set_and_end);
    set = sem_own(key, SEMAPHORES);
    if (set == -1)
        err(1, "%s: is it in use?", argv[1]);
    atexit(remove_set);

    printf("%-42s %6s %6s\n", "a process", "before", "after");
    for (size_t i = 0; i < sizeof experiments / sizeof *experiments; i++)
        printf("%-42s %6d %6d\n", experiments[i].what, experiments[i].before,
               result(&experiments[i]));
    printf("... and these numbers are %d and %d\n", numbers[0], numbers[1]);
    return 0;
}
