/*
 * sem/mode.c -- which processes may wait for a semaphore, and which change it.
 *
 * Shows:   IPC_SET gives a set another mode, as chmod(2) does for a file. To
 *          wait for zero takes read permission; to add or to subtract takes
 *          write permission, which semop(2) calls alter. A right is looked up
 *          at each semop, not once as when a file is opened.
 *
 * Run:     $ build/sem/mode README.md
 *
 * Prints:  mode  wait for zero      add 1
 *          0666  yes                yes
 *          0444  yes                Permission denied
 *          0222  Permission denied  yes
 *          0000  Permission denied  Permission denied
 *
 * Read:    sysvipc(7), semctl(2), semop(2), fork(2), setuid(2)
 */
#include <stdio.h>
#include <string.h>

#include "../common/child.h"
#include "leftover.h"

#define NOBODY 65534 // who root becomes: root may do everything

enum { OWNER = SEM_OWNER, ZERO, COUNT, SEMAPHORES };

static int set = -1;

static const char *result(unsigned short semaphore, short op)
{
    struct sembuf one = {semaphore, op, IPC_NOWAIT};

    if (semop(set, &one, 1) == 0)
        return "yes";
    if (errno != EACCES)
        err(1, "semop");
    return strerror(EACCES);
}

static void change_mode(unsigned short mode)
{
    // The owner may always do that, and gives all three: IPC_STAT, which would
    // tell what they are, takes read permission.
    struct semid_ds about = {
        .sem_perm = {.uid = geteuid(), .gid = getegid(), .mode = mode}};

    if (semctl(set, 0, IPC_SET, (union semun){.buf = &about}) == -1)
        err(1, "semctl");
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc != 2)
        return usage(argc, argv, "mode KEYFILE");

    set = new_set(argv[1], SEMAPHORES);

    const unsigned short modes[] = {0666, 0444, 0222, 0};
    pid_t parent = getpid();
    printf("mode  %-17s  %s\n", "wait for zero", "add 1");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        change_mode(modes[i]);
        pid_t child = fork();
        if (child == -1)
            err(1, "fork");
        if (child == 0) {
            if (geteuid() == 0 && setuid(NOBODY) == -1)
                err(1, "setuid %d", NOBODY);
            set_pdeathsig(parent, SIGTERM);
            const char *wait_for_zero = result(ZERO, 0);
            printf("%04o  %-17s  %s\n", modes[i], wait_for_zero,
                   result(COUNT, +1));
            exit(0);
        }
        if (!child_succeeded(child, "child"))
            return 1;
    }
    if (semctl(set, 0, IPC_RMID) == -1)
        err(1, "semctl");
    return 0;
}
