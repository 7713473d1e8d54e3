/*
 * common/futex.h -- wait for a word of shared memory to change, asleep.
 *
 * A change costs no system call; the kernel is asked only to sleep, and to wake
 * a process that sleeps. A flag beside the word says that one does:
 *
 *     waits for a change                   changes it
 *
 *     flag = 1                             word = new
 *     is the word still as it was?         is the flag 1?
 *     sleep until the flag is 0            flag = 0, and wake
 *
 * Each side stores one of the two and then loads the other. All four accesses
 * are sequentially consistent: there is one order of them all, and whichever
 * store comes second in it, the load after it sees the other side's store.
 * Release and acquire promise nothing here: a load may overtake an earlier
 * store to another address. Then both sides see the old value, and the sleeper
 * is not woken. Even x86 does that; it is the only reordering it allows.
 *
 * It is the flag that the kernel compares, not the word: if the other side
 * takes the flag back because of an earlier change, the sleep must not begin at
 * all. tests/ring.pml is a model of this.
 */
#ifndef COMMON_FUTEX_H
#define COMMON_FUTEX_H

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Set the word, and wake the process that sleeps until it changes. relaxed:
// break it, and let compiler and processor choose the order.
static inline void futex_set(atomic_uint *word, uint32_t value,
                             atomic_uint *flag, bool relaxed)
{
    bool asleep;

    if (relaxed) {
        atomic_store_explicit(word, value, memory_order_relaxed);
        asleep = atomic_load_explicit(flag, memory_order_relaxed);
    } else {
        atomic_store_explicit(word, value, memory_order_seq_cst);
        asleep = atomic_load_explicit(flag, memory_order_seq_cst);
    }
    // Not FUTEX_WAKE_PRIVATE, which is for the threads of one process.
    if (asleep && atomic_exchange(flag, 0) == 1)
        syscall(SYS_futex, flag, FUTEX_WAKE, 1, NULL, NULL, 0);
}

// Sleep if the word still has the value seen: until the other side sets it, but
// for a tenth of a second at most. False if it was set and no wake-up came.
static inline bool futex_sleep(atomic_uint *word, uint32_t seen,
                               atomic_uint *flag, bool relaxed)
{
    const struct timespec limit = {.tv_nsec = 100000000}; // 0.1 s
    uint32_t now;

    if (relaxed) {
        atomic_store_explicit(flag, 1, memory_order_relaxed);
        now = atomic_load_explicit(word, memory_order_relaxed);
    } else {
        atomic_store_explicit(flag, 1, memory_order_seq_cst);
        now = atomic_load_explicit(word, memory_order_seq_cst);
    }
    bool overslept =
        now == seen &&
        syscall(SYS_futex, flag, FUTEX_WAIT, 1, &limit, NULL, 0) == -1 &&
        errno == ETIMEDOUT;
    bool unseen = atomic_exchange(flag, 0) == 1; // our flag, by the other end
    return !(overslept && unseen && atomic_load(word) != seen);
}

// Between two loads in a loop: leave the core to its other hyperthread.
static inline void futex_pause(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("yield");
#endif
}

#endif
