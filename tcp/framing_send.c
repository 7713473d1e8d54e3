/*
 * tcp/framing_send.c -- send messages of any length into a byte stream.
 *
 * Shows:   Each message goes out behind its length, both in one write: a length
 *          alone would be a packet of its own where Nagle's algorithm is off,
 *          and a delay where it is on.
 *          --dribble: one byte a write, TCP_NODELAY. A receiver that counts
 *          does not even notice.
 *          --naive: leaves the lengths out, for the receiver's --naive
 *
 * Run:     start tcp/framing_recv.c first; its header has both commands
 *
 * Read:    tcp(7), setsockopt(2), write(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/stream.h"
#include "frame.h"
#include "sockets.h"

static int naive;
static int dribble;

static void send_message(int connection, const struct reading *r,
                         const char *remark)
{
    size_t length = sizeof(struct reading_wire) + strlen(remark);
    struct frame_wire frame = {
        .length = htons((uint16_t)length),
        .message.reading = reading_encode(r),
    };
    memcpy(frame.message.remark, remark, strlen(remark));

    const char *next = naive ? (char *)&frame.message : (char *)&frame;
    const char *end = (char *)&frame.message + length;
    while (next < end) {
        size_t bytes = dribble ? 1 : (size_t)(end - next);
        if (write_full(connection, next, bytes) == -1)
            err(1, "write");
        next += bytes;
    }
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option flags[] = {
        {"naive", no_argument, &naive, 1},
        {"dribble", no_argument, &dribble, 1},
        {0},
    };
    if (!parse_flags(argc, argv, flags) || argc - optind < 2)
        return usage(argc, argv,
                     "framing_send [--naive] [--dribble] ADDRESS PORT "
                     "REMARK...");
    for (int i = optind + 2; i < argc; i++)
        if (strlen(argv[i]) > REMARK_MAX)
            errx(2, "a remark has at most %d bytes: %s", REMARK_MAX, argv[i]);

    int connection = connect_to(argv[optind], argv[optind + 1]);
    if (connection == -1)
        return 1;
    const int on = 1; // do not collect small writes while an ACK is missing
    if (setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1)
        err(1, "setsockopt");
    signal(SIGPIPE, SIG_IGN);

    uint32_t count = 0;
    for (int i = optind + 2; i < argc; i++) {
        struct reading r = reading_sample(++count);
        send_message(connection, &r, argv[i]);
    }
    struct reading end = {.kind = READING_END, .seq = count};
    send_message(connection, &end, "");

    close(connection);
    return 0;
}
