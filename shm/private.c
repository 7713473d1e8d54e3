/*
 * shm/private.c -- a segment without a key, for a parent and its child.
 *
 * Shows:   IPC_PRIVATE makes a new segment that no ftok leads to. A child has
 *          attached what its parent has; its variables are copies. A segment
 *          that is removed while it is attached ends with its last process, so
 *          this one is removed right after it is attached: from then on, not
 *          even kill -9 leaves it behind.
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
#include <stdio.h>
#include <sys/shm.h>
#include <sys/wait.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "segment.h"

#define READINGS 3

int main(int argc, char *argv[])
{
    program_start();
    int no_segment = false; // break it: an array that is not shared
    const struct option flags[] = {
        {"no-segment", no_argument, &no_segment, true}, {0}};
    if (!parse_flags(argc, argv, flags) || argc != optind)
        return usage(argc, argv, "private [--no-segment]");

    // Parent and child are one program, and fork keeps addresses valid: neither
    // the wire form nor offsets are needed.
    struct reading array[READINGS] = {0};
    struct reading *readings = array;
    if (!no_segment) {
        block_termination(); // until the id is stored: it has no key to find
        int segment = shmget(IPC_PRIVATE, sizeof array, 0600);
        if (segment == -1)
            errx(1, "shmget: %s", ipc_strerror(errno));
        segment_remove_at_end(segment);
        readings = shmat(segment, NULL, 0);
        if ((intptr_t)readings == -1)
            err(1, "shmat");
        if (shmctl(segment, IPC_RMID, NULL) == -1)
            err(1, "shmctl");
    }
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
    int status; // the child has written everything when it ends
    if (waitpid(child, &status, 0) == -1)
        err(1, "waitpid");
    if (status != 0)
        errx(1, "the child has failed");

    printf("the parent's variable still says %d\n", variable);
    for (int i = 0; i < READINGS; i++) {
        if (readings[i].kind != READING_DATA)
            errx(1, "reading %d is not there", i + 1);
        printf("in the segment: ");
        reading_print(&readings[i]);
    }
    return 0;
}
