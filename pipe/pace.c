/*
 * pipe/pace.c -- the fast end of a pipe waits for the slow one.
 *
 * Shows:   A timeline of the bytes in a pipe. If the reader is slow, the pipe
 *          fills up and write(2) waits for room; if the writer is slow, the
 *          pipe stays empty and read(2) waits for bytes. Neither end knows how
 *          fast the other one is, and nothing is lost.
 *
 * Run:     $ build/pipe/pace
 *
 * Prints:  the writer naps 0 ms before a write, the reader 40 ms before a read
 *          <...>
 *          <25> ms  65536 bytes  ################  the writer waits: <25> ms
 *          <...>
 *          the reader has got 131072 bytes
 *          the writer naps 40 ms before a write, the reader 0 ms before a read
 *          <...>
 *          <25> ms      0 bytes  ................  the reader waits: <25> ms
 *          <...>
 *          the reader has got 131072 bytes
 *
 * Read:    pipe(7), FIONREAD in ioctl_tty(2), mmap(2), nanosleep(2)
 */
#define _GNU_SOURCE // F_SETPIPE_SZ
#include <err.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/program.h"

#define CHUNK 32768 // bytes to a write or read: two of them fill the pipe
#define CHUNKS 4L

// What the ends tell the observer, in memory that all three processes share.
struct news {
    atomic_long writing, reading; // called the kernel then; 0: it is back
    atomic_long got;              // bytes
};

static long now(void) // in ms
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void nap(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static void write_chunks(int to, long pause, struct news *news)
{
    static const char chunk[CHUNK];

    for (int i = 0; i < CHUNKS; i++) {
        nap(pause);
        news->writing = now();
        if (write(to, chunk, sizeof chunk) == -1)
            err(1, "write");
        news->writing = 0;
    }
}

static void read_chunks(int from, long pause, struct news *news)
{
    static char chunk[CHUNK];
    ssize_t n;

    do {
        nap(pause);
        news->reading = now();
        n = read(from, chunk, sizeof chunk);
        if (n == -1)
            err(1, "read");
        news->reading = 0;
        news->got += n;
    } while (n > 0);
}

// Every 10 ms: how many bytes are in the pipe, and who waits for it.
static void observe(int pipe_end, long looks, const struct news *news)
{
    static const char full[] = "################", empty[] = "................";
    long start = now();

    nap(5); // then look in the middle of the others' naps
    for (; looks > 0 && news->got < CHUNK * CHUNKS; looks--, nap(10)) {
        int bytes;
        if (ioctl(pipe_end, FIONREAD, &bytes) == -1)
            err(1, "ioctl FIONREAD");

        int bars = bytes / (2 * CHUNK / 16);
        long t = now(), writing = news->writing, reading = news->reading;
        printf("%4ld ms  %5d bytes  %.*s%s", t - start, bytes, bars, full,
               empty + bars);
        if (writing != 0 && t > writing)
            printf("  the writer waits: %ld ms", t - writing);
        if (reading != 0 && t > reading)
            printf("  the reader waits: %ld ms", t - reading);
        putchar('\n');
    }
}

static bool play(long write_nap, long read_nap, struct news *news)
{
    printf("the writer naps %ld ms before a write, the reader %ld ms before a "
           "read\n",
           write_nap, read_nap);
    news->got = 0;
    int ends[2];
    if (pipe(ends) == -1)
        err(1, "pipe");
    // What it would be anyway, where a page has 4096 bytes.
    if (fcntl(ends[1], F_SETPIPE_SZ, 2 * CHUNK) == -1)
        err(1, "fcntl F_SETPIPE_SZ");

    pid_t writer = fork();
    if (writer == -1)
        err(1, "fork");
    if (writer == 0) {
        close(ends[0]);
        write_chunks(ends[1], write_nap, news);
        exit(0);
    }
    close(ends[1]); // already here: the reader, forked later, gets none

    pid_t reader = fork();
    if (reader == -1)
        err(1, "fork");
    if (reader == 0) {
        read_chunks(ends[0], read_nap, news);
        exit(0);
    }

    long slower = write_nap > read_nap ? write_nap : read_nap;
    observe(ends[0], slower * (CHUNKS + 1) / 10, news);
    close(ends[0]); // if the reader is gone, the writer is to notice it

    bool written = child_succeeded(writer, "writer");
    bool well = child_succeeded(reader, "reader") && written;
    printf("the reader has got %ld bytes\n", news->got);
    return well;
}

int main(int argc, char *argv[])
{
    program_start();
    long write_nap = 0, read_nap = 40;
    if (argc != 1 && (argc != 3 || !parse_long(argv[1], 0, 1000, &write_nap) ||
                      !parse_long(argv[2], 0, 1000, &read_nap)))
        return usage(argc, argv, "pace [WRITE_NAP READ_NAP]");

    struct news *news = mmap(NULL, sizeof *news, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (news == MAP_FAILED)
        err(1, "mmap");

    bool well = play(write_nap, read_nap, news);
    if (argc == 1) // and now the other way about
        well = play(read_nap, write_nap, news) && well;
    return well ? 0 : 1;
}
