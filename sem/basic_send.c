/*
 * sem/basic_send.c -- leave weather readings in a file, one after the other.
 *
 * Shows:   One semop waits for two things at once: that there is a receiver,
 *          and that it has read the last reading. If the receiver is killed,
 *          the kernel takes back its 1, and wakes the sender.
 *
 * Run:     start sem/basic_recv.c first; its header has both commands
 *
 * Read:    sysvipc(7), ftok(3), semget(2), semop(2)
 */
#define _GNU_SOURCE // semtimedop
#include <errno.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <unistd.h>

#include "../common/program.h"
#include "basic.h"
#include "semop_within.h"

static void wait_for(int set, struct sembuf *ops, size_t count,
                     const char *what)
{
    if (!semop_within(LIMIT_S, set, ops, count))
        err(1, "waiting for %s, %d s at most", what, LIMIT_S);
}

int main(int argc, char *argv[])
{
    program_start();
    long count;
    if (!parse_flags(argc, argv, NULL) || argc != 4 ||
        !parse_long(argv[3], 0, 1000000, &count))
        return usage(argc, argv, "basic_send KEYFILE FILE COUNT");

    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    int set = semget(key, SEMAPHORES, 0);
    if (set == -1)
        err(1, "semget %s: is the receiver running?", argv[1]);
    int slot = open_slot(argv[2], O_WRONLY);

    // All or none. The operation 0 waits until SENDER is 0: no other sender.
    struct sembuf we_are_here[] = {{SENDER, 0, 0}, {SENDER, +1, SEM_UNDO}};
    // -1 and +1 change nothing: they fail if there is no receiver.
    struct sembuf our_turn[] = {
        {RECEIVER, -1, IPC_NOWAIT}, {RECEIVER, +1, 0}, {TURN, 0, 0}};
    struct sembuf hand_over = {TURN, +1, 0};

    wait_for(set, we_are_here, 2, "another sender");
    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        struct reading r = reading_or_end(seq, (uint32_t)count);
        struct reading_wire wire = reading_encode(&r);

        wait_for(set, our_turn, 3, "the receiver");
        if (pwrite(slot, &wire, sizeof wire, 0) != sizeof wire)
            err(1, "pwrite");
        if (semop(set, &hand_over, 1) == -1)
            err(1, "has the receiver gone?");
    }
    wait_for(set, our_turn, 3, "the receiver"); // until it has read the END
    return 0;
}
