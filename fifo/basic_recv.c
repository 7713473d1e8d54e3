/*
 * fifo/basic_recv.c -- receive weather readings from a FIFO.
 *
 * Shows:   A FIFO is a pipe with a name: processes that know nothing of each
 *          other meet at a path. To open it is to wait for the other end;
 *          after that, it is read like any file.
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

#include "../common/ending.h"
#include "../common/program.h"
#include "../common/reading.h"
#include "../common/stream.h"
#include "fifo.h"

static const char *path; // here, because a signal handler takes no arguments

static void remove_name(int number)
{
    fifo_remove(path);
    end_by(number);
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "basic_recv FIFO");
    path = argv[1];

    before_ending(remove_name);
    // EEXIST and ours: a killed receiver left it behind.
    if (mkfifo(path, 0600) == -1 && !(errno == EEXIST && fifo_is_ours(path)))
        err(1, "mkfifo %s", path);

    printf("ready on %s\n", path);

    // Waits until a sender opens it too. Tried anew each second, because nobody
    // is woken when somebody removes the name: no sender would ever find us.
    int in;
    start_alarm_ticks(1);
    do
        in = open(path, O_RDONLY);
    while (in == -1 && errno == EINTR);
    if (in == -1)
        err(1, "open %s", path);
    start_alarm_ticks(0);

    uint32_t arrived = 0;
    bool more = true;
    while (more) {
        struct reading_wire wire;

        ssize_t n = read_full(in, &wire, sizeof wire);
        if (n == -1)
            err(1, "read %s", path);
        if (n == 0) // end of file: nobody has it open for writing any more
            break;
        more = reading_report(&wire, (size_t)n, &arrived);
    }

    close(in);
    if (unlink(path) == -1 && errno != ENOENT) // a second receiver was faster
        err(1, "unlink %s", path);
    if (more)
        errx(1, "the sender left without END, after %" PRIu32 " readings",
             arrived);
    return 0;
}
