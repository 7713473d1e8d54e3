/*
 * fifo/meet_send.c -- come late to a meeting, twice, on purpose.
 *
 * Shows:   Whoever comes second does not wait at all. Who is to meet twice has
 *          to keep to one order: meet_recv --swapped does not.
 *
 * Run:     start fifo/meet_recv.c first; its header has both commands
 *
 * Prints:  <clock>                      comes 300 ms late
 *          <clock>                      open there to write ...
 *          <clock>                      met on there
 *          <clock>                      comes 300 ms late
 *          <clock>                      open back to read ...
 *          <clock>                      met on back
 *          <clock>                      leaves
 *
 * Read:    fifo(7), open(2), clock_gettime(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/termination.h"
#include "fifo.h"

#define LIMIT 1 // second that the receiver may let us wait

// Begin a line with the time of day, a clock that both ends have, and leave the
// receiver its column.
static void print_clock(void)
{
    struct timespec now;
    char clock[16];

    clock_gettime(CLOCK_REALTIME, &now);
    strftime(clock, sizeof clock, "%T", localtime(&now.tv_sec));
    printf("%s.%06ld  %20s", clock, now.tv_nsec / 1000, "");
}

// Open one end, 300 ms late.
static int meet(const char *path, int flags)
{
    const struct timespec late = {.tv_nsec = 300L * 1000 * 1000};

    print_clock();
    printf("comes 300 ms late\n");
    nanosleep(&late, NULL);

    print_clock();
    printf("open %s to %s ...\n", path, flags == O_RDONLY ? "read" : "write");
    start_alarm_ticks(LIMIT);
    int end = open(path, flags);
    if (end == -1 && errno == EINTR)
        errx(1, "waited %d s for somebody to open %s to %s", LIMIT, path,
             flags == O_RDONLY ? "write" : "read");
    if (end == -1)
        err(1, "open %s: is the receiver running?", path);
    start_alarm_ticks(0);
    if (!is_fifo(end))
        errx(1, "%s: not a FIFO", path);
    print_clock();
    printf("met on %s\n", path);
    return end;
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 3 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "meet_send THERE BACK");
    const char *there = argv[1], *back = argv[2];

    int out = meet(there, O_WRONLY);
    int in = meet(back, O_RDONLY);

    print_clock();
    printf("leaves\n");
    close(in);
    close(out); // last: only now the receiver reads the end of the file
    return 0;
}
