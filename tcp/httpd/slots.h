/*
 * tcp/httpd/slots.h -- what every process of the server is doing, for all of
 * them to see.
 */
#ifndef HTTPD_SLOTS_H
#define HTTPD_SLOTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum slot_state {
    STATE_IDLE = 1, // waits for a connection
    STATE_READING,  // waits for a client to say what it wants
    STATE_SERVING,
};

struct slot {
    atomic_int pid;    // 0: nobody's
    atomic_int state;  // an enum slot_state
    atomic_uint since; // now_ms() when it began to, as far as it fits
    atomic_int script; // the process group it has started, or 0
    bool pooled;       // one of the workers that are always there
};

// Make so many slots, in memory that is shared with all children to come.
// Returns 0; -1 and errno if there is no memory.
int slots_make(long count);

struct slot *slots_free_one(void);
struct slot *slots_of(pid_t pid);
struct slot *
slots_next(const struct slot *after); // NULL: the first; those in use

// Whether a worker is waiting for a connection.
bool slots_any_idle(void);

// Who has been waiting longest for what its client wants; NULL if nobody does.
struct slot *slots_longest_reading(void);

// The slot of this process. It is never NULL: a process of no server, with
// --inetd, has one that nobody sees.
extern struct slot *my_slot;

void slot_set_state(enum slot_state state);

#endif
