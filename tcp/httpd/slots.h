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
    STATE_READING,  // waits for a request, or for more of one
    STATE_SERVING,
};

struct slot {
    atomic_int pid;    // 0: the slot is free
    atomic_int state;  // an enum slot_state
    atomic_uint since; // now_ms() when it began; the low 32 bits
    atomic_int script; // the process group it has started, or 0
    bool pooled;       // one of the workers that are always there
};

// Make the slots, in memory that all later children share.
// Returns 0; -1 and errno if there is no memory.
int slots_make(long count);

struct slot *slots_free_one(void);
struct slot *slots_of(pid_t pid);
struct slot *
slots_next(const struct slot *after); // NULL: the first; those in use

// Whether a worker is waiting for a connection.
bool slots_any_idle(void);

// The one that has been in STATE_READING longest; NULL if there is none.
struct slot *slots_longest_reading(void);

// The slot of this process. Never NULL: with --inetd it is one that is not
// shared.
extern struct slot *my_slot;

void slot_set_state(enum slot_state state);

#endif
