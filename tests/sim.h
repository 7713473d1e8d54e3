/*
 * tests/sim.h -- what the simulators share: a seed that decides all, one
 * conversation after the other, and a folder in memory in which they are held.
 *
 * Define _GNU_SOURCE before the first #include: O_PATH.
 */
#ifndef TESTS_SIM_H
#define TESTS_SIM_H

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t seed, draws;
static bool verbose;        // say what happens: of a single conversation
static const char *failure; // of this conversation; NULL: none
static int root_folder;     // "root", beside "here"
static uint64_t sim_count;  // conversations
static char sim_folder[] = "/dev/shm/sim.XXXXXX";

// Of the seed, and of how many were drawn before.
static uint64_t draw_bits(void);

// The conversation of this seed.
static void converse(void);

static inline long draw_up_to(long most)
{
    return (long)(draw_bits() % (uint64_t)(most + 1));
}

static inline bool draw_bool(double probability)
{
    return (double)(draw_bits() >> 11) * 0x1p-53 < probability;
}

// The command line, SEED [COUNT], and the folders. False after a usage line.
static inline bool sim_start(int argc, char *argv[], const char *name)
{
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s SEED [COUNT]\n", name);
        return false;
    }
    seed = strtoull(argv[1], NULL, 10);
    sim_count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    verbose = argc == 2;
    umask(022);
    if (!mkdtemp(sim_folder) || chdir(sim_folder) == -1 ||
        mkdir("root", 0755) == -1 || mkdir("here", 0755) == -1)
        err(1, "%s", sim_folder);
    root_folder = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root_folder != 3) // the first above those that are always open
        err(1, "root");
    return true;
}

// All of them. Returns how many failed; the first ten are named.
static inline uint64_t sim_run(void)
{
    uint64_t failed = 0;

    for (const uint64_t end = seed + sim_count; seed < end; seed++) {
        converse();
        if (failure && ++failed <= 10)
            printf("seed %" PRIu64 ": %s\n", seed, failure);
    }
    return failed;
}

// The folders, which are empty.
static inline void sim_end(void)
{
    if (rmdir("root") == -1 || rmdir("here") == -1 || rmdir(sim_folder) == -1)
        err(1, "%s", sim_folder);
}

#endif
