/*
 * shm/bench.c -- what shared memory costs, as the lessons use it and faster.
 *
 * Shows:   bounded   the ring with semaphores of the lessons: bounded.h
 *          semop     slots of any size, and two semaphores that say how many
 *                    are full and empty: as shm/file does with its two halves
 *          ring      the lock-free ring of the lessons: shm/ring.h
 *          futex     slots of any size, counted as in the ring: no call unless
 *                    a process sleeps
 *          inplace   the same, and the receiver reads them where they lie
 *                    instead of copying them out
 *          sem_t     as semop, with POSIX semaphores: as shm/posix does
 *          memfd     each message in memory of its own, sealed and passed by
 *                    its descriptor, mapped and copied out: as shm/sealed does
 *          bare...   what ring and futex do, and nothing else
 *
 * Run:     $ build/shm/bench --quick README.md
 *
 * Prints:  way <columns>
 *          <...>
 *
 * Read:    shmget(2), shmat(2), semop(2), stdatomic.h(0p), sem_post(3),
 *          memfd_create(2), mmap(2), socketpair(2)
 */
#define _GNU_SOURCE // semtimedop; bench.h, ring.h
#include <err.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "../common/bench/bench.h"
#include "../common/descriptor.h"
#include "../common/futex.h"
#include "../common/program.h"
#include "bounded.h"
#include "ring.h"
#include "segment.h"

#define BENCH_MAGIC 0x626e6368u // "bnch"
#define SLOTS_MAX 4096u // of up to 256 bytes; of larger ones as many as fit

// One direction, for messages of any size.
struct lane {
    _Alignas(64) atomic_uint tail;
    _Alignas(64) atomic_uint head;
    _Alignas(64) sem_t room, filled;
    _Alignas(64) atomic_uint sender_sleeps;
    atomic_uint receiver_sleeps;
    _Alignas(4096) char bytes[2 * MIB];
};

struct shared {
    struct segment_header header;
    struct bounded bounded;
    struct ring rings[2];
    struct lane lanes[2];
};

// Behind the semaphores of bounded.h, two for each direction.
enum { ROOM = BOUNDED_SEMAPHORES, FILLED = ROOM + 2, SEMAPHORES = FILLED + 2 };

static struct shared *shared;
static int segment = -1, set = -1;
static struct ring_end putting[2], taking[2];
static uint32_t slots;   // in a lane
static int sockets[2];   // to the other end
static uint32_t done[2]; // by this end
static uint32_t seen[2]; // of what the other end has done

static void remove_all(void)
{
    shmctl(segment, IPC_RMID, NULL);
    semctl(set, 0, IPC_RMID);
}

static void close_nothing(void)
{
}

static void open_bounded(size_t size)
{
    (void)size; // it is there, and empty
}

// As ring_recv and ring_send do.
static void lock_bounded(unsigned short which)
{
    const struct timespec timeout = {.tv_nsec = 100000000}; // 0.1 s
    struct sembuf take[] = {
        {which, -1, 0}, {LOCK, -1, SEM_UNDO}, {CONSISTENT, -1, 0}};

    while (semtimedop(set, take, 3, &timeout) == -1)
        if (errno != EAGAIN && errno != EINTR)
            err(1, "semtimedop");
}

static void unlock_bounded(unsigned short which)
{
    struct sembuf give[] = {
        {CONSISTENT, 1, 0}, {LOCK, 1, SEM_UNDO}, {which, 1, 0}};

    if (semop(set, give, 3) == -1)
        err(1, "semop");
}

static long put_bounded(int where, const char *bytes, size_t size, long left)
{
    (void)where, (void)size, (void)left;
    struct bounded *b = &shared->bounded;
    lock_bounded(EMPTY);
    memcpy(&b->slots[b->tail % BOUNDED_SLOTS], bytes, sizeof *b->slots);
    b->tail++;
    unlock_bounded(FULL);
    return 1;
}

static long take_bounded(int where, char *bytes, size_t size, long left)
{
    (void)where, (void)size, (void)left;
    struct bounded *b = &shared->bounded;
    lock_bounded(FULL);
    memcpy(bytes, &b->slots[b->head % BOUNDED_SLOTS], sizeof *b->slots);
    b->head++;
    unlock_bounded(EMPTY);
    return 1;
}

static void open_ring(size_t size)
{
    (void)size;
    for (int i = 0; i < 2; i++) {
        struct ring *ring = &shared->rings[i];
        ring->tail = ring->head = 0;
        ring->owners[RING_SENDER] = ring->owners[RING_RECEIVER] = 0;
        if (!ring_join(&putting[i], ring, RING_SENDER) ||
            !ring_join(&taking[i], ring, RING_RECEIVER))
            errx(1, "the ring is taken");
    }
}

// As many as there is room for, up to a batch. The last of all must not wait
// until its batch is full.
static long put_ring(int where, const char *bytes, size_t size, long left)
{
    struct ring_end *end = &putting[where];
    long n = 0;
    (void)size;

    while (ring_ready(end) == 0)
        ring_wait(end);
    for (; n < left && n < (long)RING_BATCH && ring_ready(end) > 0; n++) {
        memcpy(ring_slot(end), bytes, sizeof(struct reading_slot));
        ring_next(end);
    }
    if (n == left)
        ring_publish(end);
    return n;
}

static long take_ring(int where, char *bytes, size_t size, long left)
{
    struct ring_end *end = &taking[where];
    long n = 0;
    (void)size;

    while (ring_ready(end) == 0)
        ring_wait(end);
    for (; n < left && n < (long)RING_BATCH && ring_ready(end) > 0; n++) {
        memcpy(bytes + (size_t)n * sizeof(struct reading_slot), ring_slot(end),
               sizeof(struct reading_slot));
        ring_next(end);
    }
    return n;
}

static void bare_put(const char *bytes, size_t size, long count)
{
    (void)size;
    for (struct ring_end *end = &putting[THERE]; count-- > 0; ring_next(end)) {
        while (ring_ready(end) == 0)
            ring_wait(end);
        memcpy(ring_slot(end), bytes, sizeof(struct reading_slot));
    }
    ring_publish(&putting[THERE]);
}

static long bare_take(char *bytes, size_t size, long count)
{
    (void)size;
    struct ring_end *end = &taking[THERE];
    for (long i = 0; i < count; i++, ring_next(end)) {
        while (ring_ready(end) == 0)
            ring_wait(end);
        memcpy(bytes, ring_slot(end), sizeof(struct reading_slot));
    }
    return count;
}

static void open_lanes(size_t size)
{
    slots = (uint32_t)(MIB / size);
    slots = slots > SLOTS_MAX ? SLOTS_MAX : slots < 2 ? 2 : slots;
    for (int i = 0; i < 2; i++) {
        union semun room = {.val = (int)slots}, none = {.val = 0};
        if (semctl(set, ROOM + i, SETVAL, room) == -1 ||
            semctl(set, FILLED + i, SETVAL, none) == -1)
            err(1, "semctl");
        if (sem_init(&shared->lanes[i].room, 1, slots) == -1 ||
            sem_init(&shared->lanes[i].filled, 1, 0) == -1)
            err(1, "sem_init");
        shared->lanes[i].tail = shared->lanes[i].head = 0;
        done[i] = seen[i] = 0;
    }
}

static char *slot_at(int where, size_t size)
{
    return shared->lanes[where].bytes + done[where]++ % slots * size;
}

static void add(int semaphore, short n)
{
    struct sembuf change = {(unsigned short)semaphore, n, 0};

    if (semop(set, &change, 1) == -1)
        err(1, "semop");
}

static long put_semop(int where, const char *bytes, size_t size, long left)
{
    (void)left;
    add(ROOM + where, -1);
    memcpy(slot_at(where, size), bytes, size);
    add(FILLED + where, +1);
    return 1;
}

static long take_semop(int where, char *bytes, size_t size, long left)
{
    (void)left;
    add(FILLED + where, -1);
    memcpy(bytes, slot_at(where, size), size);
    add(ROOM + where, +1);
    return 1;
}

static void lower(sem_t *semaphore)
{
    while (sem_wait(semaphore) == -1)
        if (errno != EINTR)
            err(1, "sem_wait");
}

static long put_sem_t(int where, const char *bytes, size_t size, long left)
{
    (void)left;
    lower(&shared->lanes[where].room);
    memcpy(slot_at(where, size), bytes, size);
    sem_post(&shared->lanes[where].filled);
    return 1;
}

static long take_sem_t(int where, char *bytes, size_t size, long left)
{
    (void)left;
    lower(&shared->lanes[where].filled);
    memcpy(bytes, slot_at(where, size), size);
    sem_post(&shared->lanes[where].room);
    return 1;
}

static void open_sockets(size_t size)
{
    (void)size;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == -1)
        err(1, "socketpair");
}

static void close_sockets(void)
{
    close(sockets[0]);
    close(sockets[1]);
}

static long put_memfd(int where, const char *bytes, size_t size, long left)
{
    (void)left;
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    int memory = memfd_create("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory == -1 || write_full(memory, bytes, size) == -1 ||
        fcntl(memory, F_ADD_SEALS, seals) == -1 ||
        descriptor_send(sockets[where], memory) == -1)
        err(1, "memfd");
    close(memory);
    return 1;
}

static long take_memfd(int where, char *bytes, size_t size, long left)
{
    (void)left;
    int memory = descriptor_receive(sockets[!where]);
    if (memory == -1)
        err(1, "recvmsg");
    void *mapped = mmap(NULL, size, PROT_READ, MAP_SHARED, memory, 0);
    if (mapped == MAP_FAILED)
        err(1, "mmap");
    memcpy(bytes, mapped, size);
    munmap(mapped, size);
    close(memory);
    return 1;
}

// Wait until the other end's count has grown.
static void await(int where, atomic_uint *count, atomic_uint *sleeps)
{
    uint32_t before = seen[where];

    for (int i = 0; i < RING_SPINS; i++) {
        seen[where] = atomic_load_explicit(count, memory_order_acquire);
        if (seen[where] != before)
            return;
        futex_pause();
    }
    while ((seen[where] = atomic_load(count)) == before)
        futex_sleep(count, before, sleeps, false);
}

static long put_futex(int where, const char *bytes, size_t size, long left)
{
    (void)left;
    struct lane *lane = &shared->lanes[where];
    while (done[where] - seen[where] == slots)
        await(where, &lane->head, &lane->sender_sleeps);
    memcpy(slot_at(where, size), bytes, size);
    futex_set(&lane->tail, done[where], &lane->receiver_sleeps, false);
    return 1;
}

static long take_futex(int where, char *bytes, size_t size, long left)
{
    (void)left;
    struct lane *lane = &shared->lanes[where];
    while (done[where] == seen[where])
        await(where, &lane->tail, &lane->receiver_sleeps);
    memcpy(bytes, slot_at(where, size), size);
    futex_set(&lane->head, done[where], &lane->sender_sleeps, false);
    return 1;
}

// NOLINTNEXTLINE(readability-non-const-parameter): others write there
static long take_in_place(int where, char *bytes, size_t size, long left)
{
    (void)bytes, (void)left;
    struct lane *lane = &shared->lanes[where];
    while (done[where] == seen[where])
        await(where, &lane->tail, &lane->receiver_sleeps);
    const volatile uint64_t *words = (uint64_t *)slot_at(where, size);
    uint64_t sum = 0;
    for (size_t i = 0; i < size / sizeof sum; i += 8) // each cache line
        sum += words[i];
    (void)sum;
    futex_set(&lane->head, done[where], &lane->sender_sleeps, false);
    return 1;
}

static void bare_fill(const char *bytes, size_t size, long count)
{
    while (count-- > 0)
        put_futex(THERE, bytes, size, 1);
}

static long bare_empty(char *bytes, size_t size, long count)
{
    for (long i = 0; i < count; i++)
        take_futex(THERE, bytes, size, 1);
    return count;
}

int main(int argc, char *argv[])
{
    program_start();
    const size_t sizes[] = {64, 1024, 4096, 65536, MIB, 0};
    const struct bench_method methods[] = {
        {.name = "bounded",
         .least = 64,
         .most = 64,
         .only_one_way = true,
         .open = open_bounded,
         .close = close_nothing,
         .put = put_bounded,
         .take = take_bounded},
        {.name = "semop",
         .most = MIB,
         .open = open_lanes,
         .close = close_nothing,
         .put = put_semop,
         .take = take_semop},
        {.name = "sem_t",
         .most = MIB,
         .open = open_lanes,
         .close = close_nothing,
         .put = put_sem_t,
         .take = take_sem_t},
        {.name = "memfd",
         .most = MIB,
         .open = open_sockets,
         .close = close_sockets,
         .put = put_memfd,
         .take = take_memfd},
        {.name = "ring",
         .least = 64,
         .most = 64,
         .open = open_ring,
         .close = close_nothing,
         .put = put_ring,
         .take = take_ring},
        {.name = "barering",
         .least = 64,
         .most = 64,
         .open = open_ring,
         .close = close_nothing,
         .put_bare = bare_put,
         .take_bare = bare_take},
        {.name = "futex",
         .most = MIB,
         .open = open_lanes,
         .close = close_nothing,
         .put = put_futex,
         .take = take_futex},
        {.name = "inplace",
         .most = MIB,
         .open = open_lanes,
         .close = close_nothing,
         .in_place = true,
         .put = put_futex,
         .take = take_in_place},
        {.name = "barefutex",
         .most = MIB,
         .open = open_lanes,
         .close = close_nothing,
         .put_bare = bare_fill,
         .take_bare = bare_empty},
    };
    struct bench bench;
    if (!bench_asked(&bench, argc, argv, true))
        return usage(argc, argv, BENCH_SYNOPSIS "FILE [WAY]...");

    key_t key = ftok(bench.file, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", bench.file);
    int lock = segment_lock(bench.file);
    if (lock == -1 || !segment_clear(key, bench.file))
        return 1;
    block_termination();
    segment = shmget(key, sizeof *shared, IPC_CREAT | IPC_EXCL | 0600);
    set = semget(key, SEMAPHORES, IPC_CREAT | IPC_EXCL | 0600);
    bench_on_termination(remove_all);
    if (segment == -1 || set == -1)
        errx(1, "shmget, semget %s: %s", bench.file, ipc_strerror(errno));
    shared = shmat(segment, NULL, 0);
    if ((intptr_t)shared == -1)
        err(1, "shmat");
    segment_label(&shared->header, BENCH_MAGIC, sizeof *shared);
    if (bounded_open(set) == -1)
        err(1, "semop");
    close(lock);
    return bench_run(&bench, methods, sizeof methods / sizeof *methods, sizes);
}
