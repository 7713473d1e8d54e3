/*
 * sem/basic.h -- what both ends of sem/basic agree on.
 */
#ifndef SEM_BASIC_H
#define SEM_BASIC_H

#include <err.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "../common/reading.h"

// What the semaphores of the set count. A new set is all zeros on Linux, which
// is just right here: nobody is there, and it is the sender's turn.
enum {
    RECEIVER, // how many there are, 0 or 1: the SEM_OWNER of sem/sem_own.h
    SENDER,   // the same
    TURN,     // 0: the sender may write the file; 1: the receiver may read it
    SEMAPHORES,
};

// Open the file for one reading. Any other file is somebody's: it is not ours
// to write into or to remove.
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
