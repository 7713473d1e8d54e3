/*
 * sem/basic_recv.c -- receive weather readings that are left in a file.
 *
 * Shows:   A semaphore carries no data, it says when. This one says whose turn
 *          it is: at 0 the sender may write the file, at 1 the receiver may
 *          read it. Whoever is killed in its turn leaves the turn as it was.
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
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <time.h>
#include <unistd.h>

#include "../common/ending.h"
#include "../common/program.h"
#include "basic.h"
#include "sem_own.h"

#define LIMIT 60 // seconds that a receiver waits for each reading

static int set = -1; // what remove_all removes, once they are ours
static const char *path = "";

static void remove_all(void)
{
    semctl(set, 0, IPC_RMID);
    unlink(path);
}

static void remove_all_and_end(int number)
{
    remove_all();
    end_by(number);
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || argc != 3)
        return usage(argc, argv, "basic_recv KEYFILE FILE");

    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    before_ending(remove_all_and_end);
    // semget(2) with IPC_CREAT and IPC_EXCL, whatever a killed receiver left;
    // RECEIVER is 1 until we end, however we end.
    set = sem_own(key, SEMAPHORES);
    if (set == -1)
        err(1, "%s: is another receiver running?", argv[1]);
    atexit(remove_all);
    int slot = open_slot(argv[2], O_RDONLY | O_CREAT);
    path = argv[2];

    printf("ready on %s\n", path);

    // Down and up in one step: waits until it is 1, and leaves it so.
    struct sembuf our_turn[] = {{TURN, -1, 0}, {TURN, +1, 0}};
    struct sembuf hand_over = {TURN, -1, 0};
    const struct timespec limit = {.tv_sec = LIMIT};
    uint32_t arrived = 0;
    bool more;
    do {
        // semop never goes on by itself after a signal, not even after ^Z, fg.
        while (semtimedop(set, our_turn, 2, &limit) == -1)
            if (errno != EINTR)
                err(1, "waiting for a reading, %d s at most", LIMIT);

        struct reading_wire wire;
        ssize_t n = pread(slot, &wire, sizeof wire, 0);
        if (n == -1)
            err(1, "%s", path);
        more = reading_report(&wire, (size_t)n, &arrived);
        if (semop(set, &hand_over, 1) == -1)
            err(1, "semop");
    } while (more);

    return 0; // and remove_all
}
