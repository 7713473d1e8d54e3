/*
 * pipe/pace.c -- the fast end of a pipe waits for the slow one.
 *
 * Shows:   When the reader is slow, the pipe fills up and write(2) waits for
 *          room; when the writer is slow, the pipe stays empty and read(2)
 *          waits for bytes. A line for each call: when it returned, how many
 *          bytes it found in the pipe, how long it waited. Nothing is lost.
 *
 * Run:     $ build/pipe/pace
 *
 * Prints:  the writer pauses for 0 ms, the reader for 40 ms
 *          <...>
 *          <40> ms  writer  <65536> bytes  ################  waited <40> ms
 *          <...>
 *          the reader has got <131072> bytes
 *          the writer pauses for 40 ms, the reader for 0 ms
 *          <...>
 *          <40> ms  reader  <0> bytes  ................  waited <40> ms
 *          <...>
 *          the reader has got <131072> bytes
 *
 * Read:    pipe(7), pipe(2), fcntl(2), fork(2), ioctl(2), write(2), read(2)
 */
#define _GNU_SOURCE // F_GETPIPE_SZ
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/clock.h"
#include "../common/program.h"

#define WRITES 4

static int64_t start_us;

static void sleep_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static int bytes_in_pipe(int end)
{
    int bytes;

    if (ioctl(end, FIONREAD, &bytes) == -1)
        err(1, "ioctl FIONREAD");
    return bytes;
}

// One line for a call that was made at called_us and has just returned.
static void print_call(const char *end, int found, int capacity,
                       int64_t called_us)
{
    char bar[] = "................";
    int64_t now_us = clock_us();

    memset(bar, '#', (size_t)found * strlen(bar) / (size_t)capacity);
    printf("%4" PRId64 " ms  %s  %6d bytes  %s  waited %" PRId64 " ms\n",
           (now_us - start_us) / 1000, end, found, bar,
           (now_us - called_us) / 1000);
}

// Two writes fill the pipe, and a read takes as much as a write puts in.
static int transfer(long write_pause_ms, long read_pause_ms)
{
    int ends[2];
    if (pipe(ends) == -1)
        err(1, "pipe");
    const int capacity = fcntl(ends[1], F_GETPIPE_SZ);
    if (capacity == -1)
        err(1, "fcntl F_GETPIPE_SZ");
    size_t size = (size_t)capacity / 2;
    char *bytes = calloc(1, size);
    if (!bytes)
        err(1, "calloc");

    printf("the writer pauses for %ld ms, the reader for %ld ms\n",
           write_pause_ms, read_pause_ms);
    start_us = clock_us();
    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (close(ends[child == 0 ? 1 : 0]) == -1) // the end that it does not use
        err(1, "close");

    if (child == 0) {
        ssize_t n;
        long total = 0;
        do {
            sleep_ms(read_pause_ms);
            int found = bytes_in_pipe(ends[0]);
            int64_t called_us = clock_us();
            n = read(ends[0], bytes, size);
            if (n == -1)
                err(1, "read");
            print_call("reader", found, capacity, called_us);
            total += n;
        } while (n > 0);
        printf("the reader has got %ld bytes\n", total);
        exit(0);
    }
    for (int i = 0; i < WRITES; i++) {
        sleep_ms(write_pause_ms);
        int found = bytes_in_pipe(ends[1]);
        int64_t called_us = clock_us();
        if (write(ends[1], bytes, size) == -1)
            err(1, "write");
        print_call("writer", found, capacity, called_us);
    }
    if (close(ends[1]) == -1)
        err(1, "close");
    free(bytes);
    return child_succeeded(child, "reader") ? 0 : 1;
}

int main(int argc, char *argv[])
{
    program_start();
    long write_pause_ms = 0, read_pause_ms = 40;
    if (argc != 1 &&
        (argc != 3 || !parse_long(argv[1], 0, 1000, &write_pause_ms) ||
         !parse_long(argv[2], 0, 1000, &read_pause_ms)))
        return usage(argc, argv, "pace [WRITE_PAUSE_MS READ_PAUSE_MS]");

    int status = transfer(write_pause_ms, read_pause_ms);
    if (argc == 1 && status == 0) // and now a slow writer
        status = transfer(read_pause_ms, write_pause_ms);
    return status;
}
