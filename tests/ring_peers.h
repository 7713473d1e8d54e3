/*
 * tests/ring_peers.h -- what the rings have in common that tests/ring_peers.c
 *                       compares, in C and in C++.
 */
#ifndef TESTS_RING_PEERS_H
#define TESTS_RING_PEERS_H

#include <stdint.h>

#define RING_PEERS_SLOTS 4096 // of each ring
#define RING_PEERS_BATCH 32   // messages, where a call takes several

// A cache line.
struct message {
    uint64_t ones; // 1, to be counted
    uint64_t rest[7];
} __attribute__((aligned(64)));

// A way of passing messages, THERE and BACK.
struct ring_peer {
    const char *name;
    void (*open)(void *memory); // shared, and all 0
    void (*send)(int where, long count);
    long (*receive)(int where, long count); // how many ones came
};

// A message that has been copied, all of it, whoever looks at it.
#define RING_PEERS_USE(message) __asm__ volatile("" : : "m"(message))

#ifdef __cplusplus
extern "C" {
#endif
extern struct message ring_peers_out[RING_PEERS_BATCH]; // what is sent
extern const struct ring_peer ring_peer_boost, ring_peer_boost32;
void ring_peers_pause(void); // between two looks
#ifdef __cplusplus
}
#endif

#endif
