/*
 * tcp/stream_player/via.h -- ways for bytes from one process to another.
 *
 *     via    the player                                         the decoder
 *
 *     pipe   write  ==================== pipe ===================> read
 *     fifo   write  ==================== FIFO ===================> read
 *     msg    msgsnd ==== queue ===> msgrcv  adapter  write == pipe => read
 *     shm    memcpy === segment ==> write, from there  ==== pipe ===> read
 *
 * A decoder reads a descriptor, and a queue or a segment is none: a process has
 * to stand in between. A mechanism is a row of these functions, in a file of
 * its own.
 */
#ifndef TCP_STREAM_PLAYER_VIA_H
#define TCP_STREAM_PLAYER_VIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../common/decoder.h"

struct player {
    int connection; // to the server
    int timeout_s;
    uint64_t bytes;         // handed on so far
    struct decoder decoder; // both are children, and have a pidfd
    struct decoder adapter; // none: process 0, ended -1
};

struct via {
    const char *name;
    // Make the mechanism, and start the command behind it. False after a line
    // on stderr that says why not.
    bool (*start)(struct player *p, char *command[]);
    // Hand all these bytes over; waits while there is no room. 0; -1 and errno:
    // EPIPE if they are not read any more, ETIMEDOUT if not in time.
    int (*send)(struct player *p, const char *bytes, size_t count);
    // These were all. The same result.
    int (*end)(struct player *p);
    // Remove what would outlive us; async-signal-safe. NULL: nothing.
    void (*remove)(void);
};

extern const struct via via_pipe, via_fifo, via_msg, via_shm;

#endif
