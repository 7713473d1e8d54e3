/*
 * tcp/framing_send.c -- send messages of any length into a byte stream.
 *
 * Shows:   Each message goes out behind its length, both in one send: what two
 *          would do, small_send.c measures.
 *          --dribble: one byte a send, and TCP_NODELAY, so that each is a
 *          segment. A receiver that counts bytes does not notice.
 *          --naive: leaves the lengths out, for the receiver's --naive
 *
 * Run:     start tcp/framing_recv.c first; its header has both commands
 *
 * Read:    tcp(7), setsockopt(2), send(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/program.h"
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
        ssize_t n = send(connection, next, bytes, MSG_NOSIGNAL);
        if (n == -1)
            err(1, "send");
        next += n;
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
    if (!parse_flags(argc, argv, flags) || argc - optind < 2 ||
        !is_port(argv[optind + 1]))
        return usage(argc, argv,
                     "framing_send [--naive] [--dribble] ADDRESS PORT "
                     "REMARK...");
    for (int i = optind + 2; i < argc; i++)
        if (strlen(argv[i]) > REMARK_MAX)
            errx(2, "a remark has at most %d bytes: %s", REMARK_MAX, argv[i]);

    int connection = tcp_connect(argv[optind], argv[optind + 1]);
    if (connection == -1)
        return 1;
    const int on = 1; // do not collect small segments while an ACK is missing
    if (dribble &&
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1)
        err(1, "setsockopt");

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
