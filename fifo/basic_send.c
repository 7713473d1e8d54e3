/*
 * fifo/basic_send.c -- send weather readings into a FIFO.
 *
 * Shows:   The sender opens the path for writing, and writes as into a file.
 *          Nothing of it goes to the disk: the bytes pass through the kernel.
 *
 * Run:     start fifo/basic_recv.c first; its header has both commands
 *
 * Read:    fifo(7), signal(2), open(2), fstat(2), write(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "../common/stream.h"
#include "../common/termination.h"
#include "fifo.h"

#define LIMIT 2 // seconds that a receiver may take to open its end

static void send_reading(int out, const struct reading *r)
{
    struct reading_wire wire = reading_encode(r);

    if (write_full(out, &wire, sizeof wire) == -1)
        err(1, "write");
}

int main(int argc, char *argv[])
{
    program_start();
    long count;
    if (argc != 3 || !parse_flags(argc, argv, NULL) ||
        !parse_long(argv[2], 0, 1000000, &count))
        return usage(argc, argv, "basic_send FIFO COUNT");
    const char *path = argv[1];

    // When the receiver is gone, write fails with EPIPE; but first SIGPIPE
    // would end us, without a word.
    signal(SIGPIPE, SIG_IGN);

    start_alarm_ticks(LIMIT);
    int out = open(path, O_WRONLY); // waits until somebody opens it for reading
    if (out == -1 && errno == EINTR)
        errx(1, "open %s: nobody opened it for reading within %d s", path,
             LIMIT);
    if (out == -1)
        err(1, "open %s: is the receiver running?", path);
    start_alarm_ticks(0);
    if (!is_fifo(out)) // into a file, write would succeed just as well
        errx(1, "%s: not a FIFO", path);

    for (uint32_t seq = 1; seq <= (uint32_t)count; seq++) {
        struct reading r = reading_sample(seq);
        send_reading(out, &r);
    }

    struct reading end = {.kind = READING_END, .seq = (uint32_t)count};
    send_reading(out, &end);

    close(out);
    return 0;
}
