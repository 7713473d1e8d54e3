/*
 * shm/private.c -- a segment without a key, for a parent and its child.
 *
 * Shows:   IPC_PRIVATE makes a new segment that no ftok leads to. A child has
 *          attached what its parent has; its variables are copies. A segment
 *          that is removed while it is attached ends with its last process, so
 *          this one can be removed first of all: no ^C can leave it behind.
 *
 * Run:     $ build/shm/private
 *
 * Prints:  the child wrote 3 readings
 *          the parent's variable still says 0
 *          in the segment: oslo #1 -3.2 C
 *          in the segment: oslo #2 -3.1 C
 *          in the segment: oslo #3 -3.0 C
 *
 * Read:    shmget(2), shmat(2), shmctl(2), fork(2), waitpid(2)
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/program.h"
#include "../common/reading.h"

#define READINGS 3

static struct reading *attach_segment(void)
{
    int segment = shmget(IPC_PRIVATE, READINGS * sizeof(struct reading), 0600);
    if (segment == -1)
        err(1, "shmget");
    struct reading *readings = shmat(segment, NULL, 0);
    if ((intptr_t)readings == -1)
        err(1, "shmat");
    if (shmctl(segment, IPC_RMID, NULL) == -1)
        err(1, "shmctl");
    return readings;
}

int main(int argc, char *argv[])
{
    program_start();
    int ordinary = false; // break it: memory of the usual kind
    const struct option flags[] = {{"no-segment", no_argument, &ordinary, true},
                                   {0}};
    if (!parse_flags(argc, argv, flags) || argc != optind)
        return usage(argc, argv, "private [--no-segment]");

    // Parent and child are one program, and what fork copies keeps its address:
    // a plain array of the form for computing will do.
    struct reading array[READINGS] = {0};
    struct reading *readings = ordinary ? array : attach_segment();
    int variable = 0;

    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        for (variable = 0; variable < READINGS; variable++)
            readings[variable] = reading_sample((uint32_t)variable + 1);
        printf("the child wrote %d readings\n", variable);
        return 0;
    }
    if (!child_succeeded(child, "child")) // its end says that all is written
        return 1;

    printf("the parent's variable still says %d\n", variable);
    for (int i = 0; i < READINGS; i++) {
        const struct reading *r = &readings[i];
        if (r->kind != READING_DATA)
            errx(1, "reading %d never came", i + 1);
        printf("in the segment: ");
        reading_print(r);
    }
    return 0;
}
