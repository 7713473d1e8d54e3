/*
 * pipe/capacity.c -- how much fits into a pipe before a write waits.
 *
 * Shows:   A pipe is a ring of pages. A write goes into the last one in use if
 *          all of it fits there, otherwise into new ones: how many bytes fit
 *          depends on how they come. Room comes back a page at a time.
 *
 * Run:     $ build/pipe/capacity
 *
 * Prints:  capacity <65536>, page <4096>, PIPE_BUF <4096>
 *          writes of 1: <65536> fit, <65536> bytes
 *          writes of 17: <3840> fit, <65280> bytes
 *          writes of 3000: <16> fit, <48000> bytes
 *          writes of <4096>: <16> fit, <65536> bytes
 *          writes of <5000>: <10> fit and <1> bytes of another, <54096> bytes
 *          full, 1 byte read: room for 0
 *          full, <4096> bytes read: room for <4096>
 *
 * Read:    pipe(7), pipe2(2), write(2), read(2), fcntl(2), fpathconf(3)
 */
#define _GNU_SOURCE // pipe2, F_GETPIPE_SZ
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../common/program.h"

static char bytes[1048576];

// Write size bytes at a time until a write would have to wait. Returns what
// went in; the last write may have got in a part of its bytes.
static long fill(int to, long size)
{
    long sum = 0;
    ssize_t n;

    while ((n = write(to, bytes, (size_t)size)) > 0)
        sum += n;
    if (errno != EAGAIN)
        err(1, "write");
    return sum;
}

static void drain(int from)
{
    while (read(from, bytes, sizeof bytes) > 0)
        ;
    if (errno != EAGAIN)
        err(1, "read");
}

int main(int argc, char *argv[])
{
    program_start();
    long page = sysconf(_SC_PAGESIZE);
    long sizes[] = {1, 17, 3000, page, page + 904};
    if (argc > 2 ||
        (argc == 2 && !parse_long(argv[1], 1, sizeof bytes, &sizes[0])))
        return usage(argc, argv, "capacity [WRITE_SIZE]");

    int ends[2];
    if (pipe2(ends, O_NONBLOCK) == -1) // a write that would wait gets EAGAIN
        err(1, "pipe2");
    int capacity = fcntl(ends[1], F_GETPIPE_SZ);
    long atomic = fpathconf(ends[1], _PC_PIPE_BUF);
    if (capacity == -1 || atomic == -1)
        err(1, "fcntl, fpathconf");
    printf("capacity %d, page %ld, PIPE_BUF %ld\n", capacity, page, atomic);

    for (int i = 0; i < (argc == 2 ? 1 : 5); i++) {
        long sum = fill(ends[1], sizes[i]);
        printf("writes of %ld: %ld fit", sizes[i], sum / sizes[i]);
        if (sum % sizes[i] != 0)
            printf(" and %ld bytes of another", sum % sizes[i]);
        printf(", %ld bytes\n", sum);
        drain(ends[0]);
    }

    fill(ends[1], page);
    if (read(ends[0], bytes, 1) == -1)
        err(1, "read");
    printf("full, 1 byte read: room for %ld\n", fill(ends[1], 1));
    if (read(ends[0], bytes, (size_t)page - 1) == -1)
        err(1, "read");
    printf("full, %ld bytes read: room for %ld\n", page, fill(ends[1], 1));
    return 0;
}
