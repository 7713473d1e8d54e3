/*
 * tcp/httpd/slots.c -- what every process of the server is doing, for all of
 * them to see.
 *
 * Shows:   Shared memory without a name: a mapping that is made before fork(2)
 *          is the same memory in parent and children. Each process writes its
 *          own slot only, and each value is one atomic word: no lock is
 *          needed, and a process that is killed cannot leave one locked.
 *
 * Read:    mmap(2), fork(2)
 */
#define _GNU_SOURCE // MAP_ANONYMOUS
#include "slots.h"

#include <stddef.h>
#include <sys/mman.h>

#include "deadline.h"

static struct slot not_shared;
static struct slot *slots;
static long slot_count;

struct slot *my_slot = &not_shared;

int slots_make(long count)
{
    void *shared =
        mmap(NULL, (size_t)count * sizeof *slots, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED)
        return -1;
    slots = shared;
    slot_count = count;
    return 0;
}

struct slot *slots_free_one(void)
{
    return slots_of(0);
}

struct slot *slots_of(pid_t pid)
{
    for (long i = 0; i < slot_count; i++)
        if (slots[i].pid == pid)
            return &slots[i];
    return NULL;
}

struct slot *slots_next(const struct slot *after)
{
    for (long i = after ? after - slots + 1 : 0; i < slot_count; i++)
        if (slots[i].pid != 0)
            return &slots[i];
    return NULL;
}

bool slots_any_idle(void)
{
    for (struct slot *s = NULL; (s = slots_next(s));)
        if (s->state == STATE_IDLE)
            return true;
    return false;
}

struct slot *slots_longest_reading(void)
{
    struct slot *longest = NULL;
    unsigned now = (unsigned)now_ms();
    int most = 0;

    for (struct slot *s = NULL; (s = slots_next(s));) {
        int waited = (int)(now - s->since); // right even if the clock wrapped
        if (s->state == STATE_READING && waited >= most) {
            longest = s;
            most = waited;
        }
    }
    return longest;
}

void slot_set_state(enum slot_state state)
{
    my_slot->since = (unsigned)now_ms();
    my_slot->state = state;
}
