/*
 * sem/basic.h -- what both ends of sem/basic agree on.
 */
#ifndef SEM_BASIC_H
#define SEM_BASIC_H

#include <err.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "../common/reading.h"

#define LIMIT_S 60 // seconds that each end waits, for each thing

// The semaphores of the set. A new set is all zeros on Linux, which is right
// here: neither end is there, and it is the sender's turn.
enum {
    RECEIVER, // 1 as long as there is a receiver: the SEM_OWNER of leftover.h
    SENDER,   // 1 as long as there is a sender
    TURN,     // 0: the sender may write the file; 1: the receiver may read it
    SEMAPHORES,
};

// Open the file for one reading. A file with anything else in it must not be
// written to, nor removed.
static inline int open_slot(const char *path, int flags)
{
    struct stat about;
    int slot = open(path, flags | O_NONBLOCK | O_CLOEXEC, 0600);

    if (slot == -1 || fstat(slot, &about) == -1)
        err(1, "%s", path);
    if (!S_ISREG(about.st_mode) ||
        about.st_size > (off_t)sizeof(struct reading_wire))
        errx(1, "%s: not a file for one reading", path);
    return slot;
}

#endif
