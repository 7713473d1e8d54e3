/*
 * fifo/basic_recv.c -- receive weather readings from a FIFO.
 *
 * Shows:   A FIFO is a pipe with a name: two unrelated processes open the same
 *          path. open waits until the other end is opened, too; after that, it
 *          is read like any file.
 *
 * Run:     terminal 1 $ build/fifo/basic_recv readings
 *          terminal 2 $ build/fifo/basic_send readings 3
 *
 * Prints:  ready on readings
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *          3 of 3 readings arrived
 *
 * Read:    fifo(7), mkfifo(3), open(2), read(2), unlink(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "fifo.h"

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "basic_recv FIFO");
    const char *path = argv[1];

    // Step 1: make the FIFO, have it removed at the end, and say ready
    block_termination(); // until it is known whose FIFO it is
    // EEXIST and ours: a killed receiver left it behind.
    if (mkfifo(path, 0600) == -1 && !(errno == EEXIST && fifo_is_ours(path)))
        err(1, "mkfifo %s", path);
    fifo_unlink_at_end(path);
    program_ready("ready on %s\n", path);

    // Step 2: open it, which waits until a sender opens it, too
    // Tried anew each second, because open does not return when the name is
    // removed: no sender could find us.
    int in;
    set_alarm(1);
    do
        in = open(path, O_RDONLY);
    while (in == -1 && errno == EINTR);
    if (in == -1)
        err(1, "open %s", path);
    set_alarm(0);

    // Step 3: read until END, which is to come before end of file
    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        struct reading_wire wire;

        // Gets all of a reading: so small a write is never torn.
        ssize_t n = read(in, &wire, sizeof wire);
        if (n == -1)
            err(1, "read %s", path);
        if (n == 0) // end of file: no process has it open for writing any more
            errx(1, "the sender left without END, after %" PRIu32 " readings",
                 arrived);
        more = reading_report(&wire, (size_t)n, &arrived);
    }

    // Step 4: remove the FIFO
    close(in);
    if (unlink(path) == -1 && errno != ENOENT) // a second receiver was faster
        err(1, "unlink %s", path);
    return 0;
}
