/*
 * fifo/basic_send.c -- send weather readings into a FIFO.
 *
 * Shows:   The sender opens the path for writing, and writes as into a file.
 *          Nothing of it goes to the disk: the bytes pass through the kernel.
 *
 * Run:     start fifo/basic_recv.c first; its header has both commands
 *
 * Read:    fifo(7), signal(2), open(2), fstat(2), write(2), close(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "../common/termination.h"

#define OPEN_TIMEOUT_S 2 // for a receiver to open its end

int main(int argc, char *argv[])
{
    program_start();
    long count;
    if (argc != 3 || !parse_flags(argc, argv, NULL) ||
        !parse_long(argv[2], 0, 1000000, &count))
        return usage(argc, argv, "basic_send FIFO COUNT");
    const char *path = argv[1];

    // When the receiver has left, write fails with EPIPE. Without this line
    // SIGPIPE would end us first, without a message.
    signal(SIGPIPE, SIG_IGN);

    set_alarm(OPEN_TIMEOUT_S);
    int out = open(path, O_WRONLY); // waits until it is opened for reading
    if (out == -1 && errno == EINTR)
        errx(1, "open %s: not opened for reading within %d s", path,
             OPEN_TIMEOUT_S);
    if (out == -1)
        err(1, "open %s: is the receiver running?", path);
    set_alarm(0);

    struct stat file; // if it is an ordinary one, write would succeed, too
    if (fstat(out, &file) == -1)
        err(1, "fstat %s", path);
    if (!S_ISFIFO(file.st_mode))
        errx(1, "%s: not a FIFO", path);

    for (uint32_t seq = 1; seq <= (uint32_t)count + 1; seq++) {
        struct reading r = reading_or_end(seq, (uint32_t)count);
        struct reading_wire wire = reading_encode(&r);
        if (write(out, &wire, sizeof wire) == -1)
            err(1, "write");
    }
    if (close(out) == -1)
        err(1, "close");
    return 0;
}
