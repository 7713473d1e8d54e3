/*
 * sem/basic_recv.c -- receive weather readings that are left in a file.
 *
 * Shows:   A semaphore carries no data, it says when. TURN says whose turn it
 *          is: at 0 the sender may write the file, at 1 the receiver may read
 *          it. RECEIVER and SENDER say who is there: SEM_UNDO has the kernel
 *          subtract that 1 when a process ends, and the other end is woken.
 *
 * Run:     terminal 1 $ build/sem/basic_recv README.md slot
 *          terminal 2 $ build/sem/basic_send README.md slot 3
 *
 * Prints:  ready on slot
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          3 of 3 readings arrived
 *
 * Read:    sysvipc(7), ftok(3), semget(2), semop(2), semctl(2)
 */
#define _GNU_SOURCE // semtimedop
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "basic.h"
#include "leftover.h"
#include "semop_within.h"

static int set = -1; // here, because an exit handler takes no arguments
static const char *path = ""; // until there is a file: unlink("") does nothing

static void remove_all(void)
{
    semctl(set, 0, IPC_RMID);
    unlink(path);
}

// Return when all of these operations could be done, in one step.
static void wait_for(struct sembuf *ops, size_t count, const char *what)
{
    if (semop_within(LIMIT_S, set, ops, count))
        return;
    if (errno == EAGAIN && semctl(set, SENDER, GETVAL) == 0)
        errx(1, "there is no sender: waited for %s", what);
    err(1, "waiting for %s, %d s at most", what, LIMIT_S);
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc != 3)
        return usage(argc, argv, "basic_recv KEYFILE FILE");

    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    if (remove_leftover(key) == -1)
        err(1, "%s: is another receiver running?", argv[1]);
    on_termination(remove_all);
    block_termination(); // until it knows what to remove
    set = semget(key, SEMAPHORES, IPC_CREAT | IPC_EXCL | 0600);
    if (set == -1)
        errx(1, "semget %s: %s", argv[1], ipc_strerror(errno));
    int slot = open_slot(argv[2], O_RDONLY | O_CREAT);
    path = argv[2];
    unblock_termination();
    struct sembuf we_are_here = {RECEIVER, +1, SEM_UNDO};
    if (semop(set, &we_are_here, 1) == -1)
        err(1, "semop");
    program_ready("ready on %s\n", path);

    // -1 and +1 in one step: wait until it is 1, and leave it at 1. With
    // IPC_NOWAIT: fail if it is 0, because there is no sender.
    struct sembuf sender_came[] = {{SENDER, -1, 0}, {SENDER, +1, 0}};
    struct sembuf our_turn[] = {{SENDER, -1, IPC_NOWAIT},
                                {SENDER, +1, 0},
                                {TURN, -1, 0},
                                {TURN, +1, 0}};
    // The second one after the END: a place that no other sender can take then.
    struct sembuf hand_over[] = {{TURN, -1, 0}, {SENDER, +1, SEM_UNDO}};
    // Wait until that place is all there is: 1 less would be 0.
    struct sembuf sender_left[] = {
        {SENDER, -1, 0}, {SENDER, 0, 0}, {SENDER, +1, 0}};
    uint32_t arrived = 0;
    bool more;

    wait_for(sender_came, 2, "a sender");
    do {
        wait_for(our_turn, 4, "a reading");
        struct reading_wire wire;
        ssize_t n = pread(slot, &wire, sizeof wire, 0);
        if (n == -1)
            err(1, "%s", path);
        more = reading_report(&wire, (size_t)n, &arrived);
        if (semop(set, hand_over, more ? 1 : 2) == -1)
            err(1, "semop");
    } while (more);
    wait_for(sender_left, 3, "the sender to leave");
    if (semctl(set, 0, IPC_RMID) == -1 || unlink(path) == -1)
        err(1, "the set and %s", path);
    path = ""; // it can be another receiver's from now on
    return 0;
}
