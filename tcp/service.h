/*
 * tcp/service.h -- what the servers do for a client: the same in all of them.
 *
 * A client sends readings; each is answered with the mean of all it has sent so
 * far. END is answered with END, and is the last message. A server that has no
 * room for one more client rejects it: END from the station "full".
 */
#ifndef TCP_SERVICE_H
#define TCP_SERVICE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "../common/address.h"
#include "../common/reading.h"
#include "../common/stream.h"

#define CLIENT_TIMEOUT_S 10 // that a client may be silent, or not read

// The command line of a server without options of its own: [--clients N] says
// how many it serves before it ends. argv[optind] is then the address.
static inline bool parse_clients(int argc, char *argv[], long *clients)
{
    const struct option only[] = {
        {"clients", required_argument, NULL, 'c'},
        {0},
    };
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", only, NULL)) == 'c')
        if (!parse_long(optarg, 1, LONG_MAX, clients))
            return false;
    return option == -1 && argc - optind == 2 && is_port(argv[optind + 1]);
}

// Turn a client's message into the answer. *sum is of what it has sent so far.
// False if it was no reading.
static inline bool answer_reading(struct reading_wire *wire, long *sum)
{
    struct reading r;

    if (!reading_decode(&r, wire, sizeof *wire))
        return false;
    *sum += r.tenths;
    if (r.kind == READING_DATA && r.seq > 0)
        r.tenths = (int16_t)(*sum / (long)r.seq);
    *wire = reading_encode(&r);
    return true;
}

// Serve one client up to its END. True if it came; false if the client closed
// without, was silent for too long, did not read the answers, or sent what is
// no reading.
static inline bool serve(int connection)
{
    const struct timeval timeout = {.tv_sec = CLIENT_TIMEOUT_S};
    struct reading_wire wire;
    long sum = 0;

    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    while (read_full(connection, &wire, sizeof wire) == sizeof wire &&
           answer_reading(&wire, &sum)) {
        if (write_full(connection, &wire, sizeof wire) == -1)
            return false;
        if (wire.kind == READING_END)
            return true;
    }
    return false;
}

// Tell a client that there is no room, without waiting for it.
static inline void reject(int connection)
{
    const struct reading full = {.kind = READING_END, .station = "full"};
    struct reading_wire wire = reading_encode(&full);

    send(connection, &wire, sizeof wire, MSG_NOSIGNAL | MSG_DONTWAIT);
}

#endif
