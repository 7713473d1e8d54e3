/*
 * sem/basic_send.c -- leave weather readings in a file, one after the other.
 *
 * Shows:   One semop waits for two things at once: that there is a receiver,
 *          and that the receiver has read the last one. Should the receiver be
 *          killed, the kernel takes back its mark, and wakes us.
 *
 * Run:     start sem/basic_recv.c first; its header has both commands
 *
 * Read:    sysvipc(7), ftok(3), semget(2), semop(2)
 */
#define _GNU_SOURCE // semtimedop
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <time.h>
#include <unistd.h>

#include "../common/program.h"
#include "basic.h"

#define LIMIT 60 // seconds that a sender waits, for each thing it waits for

static const struct timespec limit = {.tv_sec = LIMIT};

static void send_reading(int set, int slot, const struct reading *r)
{
    struct reading_wire wire = reading_encode(r);
    // All or none. Down and up: there is a receiver, and if not, no waiting.
    // 0: the turn is zero, which is ours.
    struct sembuf our_turn[] = {
        {RECEIVER, -1, IPC_NOWAIT},
        {RECEIVER, +1, 0},
        {TURN, 0, 0},
    };
    struct sembuf hand_over = {TURN, +1, 0};

    while (semtimedop(set, our_turn, 3, &limit) == -1)
        if (errno != EINTR)
            err(1, "waiting for the receiver, %d s at most", LIMIT);
    if (pwrite(slot, &wire, sizeof wire, 0) != sizeof wire)
        err(1, "pwrite");
    if (semop(set, &hand_over, 1) == -1)
        err(1, "has the receiver gone?");
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

    // Until the last sender has gone; SEM_UNDO says so when we go.
    struct sembuf claim[] = {{SENDER, 0, 0}, {SENDER, +1, SEM_UNDO}};
    while (semtimedop(set, claim, 2, &limit) == -1)
        if (errno != EINTR)
            err(1, "waiting for another sender, %d s at most", LIMIT);

    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        struct reading r = reading_sample(seq);
        send_reading(set, slot, &r);
    }

    struct reading end = {.kind = READING_END, .seq = (uint32_t)count};
    send_reading(set, slot, &end);
    return 0;
}
