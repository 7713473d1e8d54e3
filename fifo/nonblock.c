/*
 * fifo/nonblock.c -- open a FIFO without waiting for the other end.
 *
 * Shows:   With O_NONBLOCK open never waits: a reader gets in, and reads end of
 *          file or EAGAIN; a writer gets in only if there is a reader. O_RDWR
 *          never waits either, because it is both ends: it reads what it wrote.
 *
 * Run:     $ build/fifo/nonblock readings
 *
 * Prints:  write, no reader: No such device or address
 *          read, no writer: opened, read returns 0
 *          write, a reader: opened
 *          read, a writer that writes nothing: Resource temporarily unavailable
 *          write, a FIFO that is full: Resource temporarily unavailable
 *          both, O_RDWR: opened, reads back "hello"
 *
 * Read:    fifo(7), open(2), read(2), write(2), close(2), unlink(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/program.h"
#include "fifo.h"

// Say what came of a call: of these errors, anything else is a failure.
static void print_result(const char *what, ssize_t result)
{
    if (result == -1 && errno != ENXIO && errno != EAGAIN)
        err(1, "%s", what);
    printf("%s: %s\n", what, result == -1 ? strerror(errno) : "opened");
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "nonblock FIFO");
    const char *path = argv[1];

    fifo_make(path);
    char bytes[4096] = "";
    print_result("write, no reader", open(path, O_WRONLY | O_NONBLOCK));

    int in = open(path, O_RDONLY | O_NONBLOCK);
    if (in == -1)
        err(1, "open %s", path);
    ssize_t n = read(in, bytes, 1);
    if (n == -1)
        err(1, "read");
    printf("read, no writer: opened, read returns %zd\n", n);

    int out = open(path, O_WRONLY | O_NONBLOCK);
    print_result("write, a reader", out);
    print_result("read, a writer that writes nothing", read(in, bytes, 1));

    while ((n = write(out, bytes, sizeof bytes)) > 0)
        ;
    print_result("write, a FIFO that is full", n);
    if (close(in) == -1 || close(out) == -1) // what was in the FIFO is gone
        err(1, "close");

    int both = open(path, O_RDWR);
    if (both == -1)
        err(1, "open %s", path);
    if (write(both, "hello", 5) == -1)
        err(1, "write");
    n = read(both, bytes, sizeof bytes);
    if (n == -1)
        err(1, "read");
    printf("both, O_RDWR: opened, reads back \"%.*s\"\n", (int)n, bytes);
    if (unlink(path) == -1)
        err(1, "unlink %s", path);
    return 0;
}
