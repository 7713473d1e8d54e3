/*
 * sem/bench.c -- what a semaphore costs, as the lessons use it and faster.
 *
 * Shows:   A semaphore carries nothing, so there is nothing to copy: what is
 *          left is the call. A message is one more of FULL, and one less ROOM.
 *
 *          semop     as the lessons do: both changes in one call
 *          sem_t     POSIX semaphores in shared memory: atomic operations, and
 *                    a call (futex) only where a process waits or is woken
 *          eventfd   descriptors that count, so that poll(2) can wait for them:
 *                    a read for one less, a write for one more
 *          baresem   the calls of semop, and nothing else
 *          lock      no messages: one process takes and gives back a lock that
 *                    no other process wants, a semop each
 *          lockundo  the same with SEM_UNDO, in case it is killed in between
 *          locksem_t the same with sem_t
 *          lockmutex the same with a robust mutex: as sem/robust does
 *
 * Run:     $ build/sem/bench --quick README.md
 *
 * Prints:  way <columns>
 *          <...>
 *
 * Read:    sysvipc(7), semget(2), semop(2), semctl(2), sem_overview(7),
 *          futex(7), eventfd(2)
 */
#define _GNU_SOURCE // bench.h
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <unistd.h>

#include "../common/bench/bench.h"
#include "../common/program.h"
#include "leftover.h"

#define SLOTS 4096 // that may be full at a time

enum { OWNER = SEM_OWNER, LOCK, ROOM, FULL = ROOM + 2, SEMAPHORES = FULL + 2 };

static int set = -1;
static sem_t *posix;           // as many, in memory that both processes share
static pthread_mutex_t *mutex; // behind them

static void remove_set(void)
{
    semctl(set, 0, IPC_RMID);
}

static void open_semaphores(size_t size)
{
    (void)size;
    for (int i = LOCK; i < SEMAPHORES; i++) {
        int value = i == LOCK ? 1 : i < FULL ? SLOTS : 0;
        union semun start = {.val = value};
        if (semctl(set, i, SETVAL, start) == -1 ||
            sem_init(&posix[i], 1, (unsigned)value) == -1)
            err(1, "semaphore %d", i);
    }
}

static void close_semaphores(void)
{
}

static void change(int less, int more)
{
    struct sembuf both[] = {
        {(unsigned short)less, -1, 0},
        {(unsigned short)more, +1, 0},
    };

    if (semop(set, both, 2) == -1)
        err(1, "semop");
}

static long put_semop(int where, const char *bytes, size_t size, long left)
{
    (void)bytes, (void)size, (void)left;
    change(ROOM + where, FULL + where);
    return 1;
}

// NOLINTNEXTLINE(readability-non-const-parameter): others write there
static long take_semop(int where, char *bytes, size_t size, long left)
{
    (void)bytes, (void)size, (void)left;
    change(FULL + where, ROOM + where);
    return 1;
}

static long put_posix(int where, const char *bytes, size_t size, long left)
{
    (void)bytes, (void)size, (void)left;
    if (sem_wait(&posix[ROOM + where]) == -1 ||
        sem_post(&posix[FULL + where]) == -1)
        err(1, "sem_wait");
    return 1;
}

// NOLINTNEXTLINE(readability-non-const-parameter): others write there
static long take_posix(int where, char *bytes, size_t size, long left)
{
    (void)bytes, (void)size, (void)left;
    if (sem_wait(&posix[FULL + where]) == -1 ||
        sem_post(&posix[ROOM + where]) == -1)
        err(1, "sem_wait");
    return 1;
}

static int events[SEMAPHORES]; // as many descriptors

static void open_events(size_t size)
{
    (void)size;
    for (int i = ROOM; i < SEMAPHORES; i++) {
        events[i] = eventfd(i < FULL ? SLOTS : 0, EFD_SEMAPHORE | EFD_CLOEXEC);
        if (events[i] == -1)
            err(1, "eventfd");
    }
}

static void close_events(void)
{
    for (int i = ROOM; i < SEMAPHORES; i++)
        close(events[i]);
}

static void change_events(int less, int more)
{
    uint64_t one = 1;

    if (read(events[less], &one, sizeof one) == -1 ||
        write(events[more], &one, sizeof one) == -1)
        err(1, "eventfd");
}

static long put_event(int where, const char *bytes, size_t size, long left)
{
    (void)bytes, (void)size, (void)left;
    change_events(ROOM + where, FULL + where);
    return 1;
}

// NOLINTNEXTLINE(readability-non-const-parameter): others write there
static long take_event(int where, char *bytes, size_t size, long left)
{
    (void)bytes, (void)size, (void)left;
    change_events(FULL + where, ROOM + where);
    return 1;
}

static void bare_put(const char *bytes, size_t size, long count)
{
    (void)bytes, (void)size;
    struct sembuf both[] = {{ROOM, -1, 0}, {FULL, +1, 0}};
    while (count-- > 0)
        semop(set, both, 2);
}

// NOLINTNEXTLINE(readability-non-const-parameter)
static long bare_take(char *bytes, size_t size, long count)
{
    (void)bytes, (void)size;
    struct sembuf both[] = {{FULL, -1, 0}, {ROOM, +1, 0}};
    for (long i = 0; i < count; i++)
        semop(set, both, 2);
    return count;
}

static void lock(const char *bytes, size_t size, long count)
{
    (void)bytes, (void)size;
    struct sembuf take = {LOCK, -1, 0}, give = {LOCK, +1, 0};
    while (count-- > 0)
        if (semop(set, &take, 1) == -1 || semop(set, &give, 1) == -1)
            err(1, "semop");
}

static void lock_undo(const char *bytes, size_t size, long count)
{
    (void)bytes, (void)size;
    struct sembuf take = {LOCK, -1, SEM_UNDO}, give = {LOCK, +1, SEM_UNDO};
    while (count-- > 0)
        if (semop(set, &take, 1) == -1 || semop(set, &give, 1) == -1)
            err(1, "semop");
}

static void lock_posix(const char *bytes, size_t size, long count)
{
    (void)bytes, (void)size;
    while (count-- > 0)
        if (sem_wait(&posix[LOCK]) == -1 || sem_post(&posix[LOCK]) == -1)
            err(1, "sem_wait");
}

static void init_mutex(size_t size)
{
    pthread_mutexattr_t attributes;

    (void)size;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    if (pthread_mutex_init(mutex, &attributes) != 0)
        errx(1, "pthread_mutex_init");
}

static void lock_mutex(const char *bytes, size_t size, long count)
{
    (void)bytes, (void)size;
    while (count-- > 0)
        if (pthread_mutex_lock(mutex) != 0 || pthread_mutex_unlock(mutex) != 0)
            errx(1, "pthread_mutex_lock");
}

// NOLINTNEXTLINE(readability-non-const-parameter)
static long nothing(char *bytes, size_t size, long count)
{
    (void)bytes, (void)size;
    return count;
}

int main(int argc, char *argv[])
{
    program_start();
    const size_t sizes[] = {0};
    const struct bench_method methods[] = {
        {.name = "semop",
         .open = open_semaphores,
         .close = close_semaphores,
         .put = put_semop,
         .take = take_semop},
        {.name = "sem_t",
         .open = open_semaphores,
         .close = close_semaphores,
         .put = put_posix,
         .take = take_posix},
        {.name = "eventfd",
         .open = open_events,
         .close = close_events,
         .put = put_event,
         .take = take_event},
        {.name = "baresem",
         .open = open_semaphores,
         .close = close_semaphores,
         .put_bare = bare_put,
         .take_bare = bare_take},
        {.name = "lock",
         .open = open_semaphores,
         .close = close_semaphores,
         .put_bare = lock,
         .take_bare = nothing},
        {.name = "lockundo",
         .open = open_semaphores,
         .close = close_semaphores,
         .put_bare = lock_undo,
         .take_bare = nothing},
        {.name = "locksem_t",
         .open = open_semaphores,
         .close = close_semaphores,
         .put_bare = lock_posix,
         .take_bare = nothing},
        {.name = "lockmutex",
         .open = init_mutex,
         .close = close_semaphores,
         .put_bare = lock_mutex,
         .take_bare = nothing},
    };
    struct bench bench;
    if (!bench_asked(&bench, argc, argv, true))
        return usage(argc, argv, BENCH_SYNOPSIS "FILE [WAY]...");

    posix = mmap(NULL, SEMAPHORES * sizeof *posix + sizeof(pthread_mutex_t),
                 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if ((intptr_t)posix == -1)
        err(1, "mmap");
    mutex = (pthread_mutex_t *)(posix + SEMAPHORES);
    set =
        semget(unused_key(bench.file), SEMAPHORES, IPC_CREAT | IPC_EXCL | 0600);
    if (set == -1)
        errx(1, "semget %s: %s", bench.file, ipc_strerror(errno));
    bench_on_termination(remove_set);
    struct sembuf claim = {OWNER, +1, SEM_UNDO};
    if (semop(set, &claim, 1) == -1)
        err(1, "semop");
    return bench_run(&bench, methods, sizeof methods / sizeof *methods, sizes);
}
