/*
 * tcp/service.h -- what the three servers do for a client: the same.
 *
 * A client sends readings; each is answered with the mean of all it has sent so
 * far. END says goodbye, and is answered with END. A server that has no room
 * for one more client says so with END as well, from the station "full".
 */
#ifndef TCP_SERVICE_H
#define TCP_SERVICE_H

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "../common/reading.h"
#include "../common/stream.h"

#define CLIENT_TIMEOUT_S 10 // seconds that a client may think, or not read

// Serve one client until it says goodbye. True if it did; false if it went
// without, was silent for too long, did not read what it is told, or sent what
// is no reading.
static inline bool serve(int connection)
{
    const struct timeval limit = {.tv_sec = CLIENT_TIMEOUT_S};
    struct reading_wire wire;
    struct reading r;
    long sum = 0;

    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    while (read_full(connection, &wire, sizeof wire) == sizeof wire &&
           reading_decode(&r, &wire, sizeof wire)) {
        sum += r.tenths;
        if (r.kind == READING_DATA && r.seq > 0)
            r.tenths = (int16_t)(sum / (long)r.seq);
        wire = reading_encode(&r);
        if (write_full(connection, &wire, sizeof wire) == -1)
            return false;
        if (r.kind == READING_END)
            return true;
    }
    return false;
}

// Tell a client that there is no room, without waiting for it.
static inline void turn_away(int connection)
{
    const struct reading full = {.kind = READING_END, .station = "full"};
    struct reading_wire wire = reading_encode(&full);

    if (write_full(connection, &wire, sizeof wire) == -1)
        return; // then it has gone already
}

#endif
