/*
 * fifo/request.h -- what a client asks for, and where it gets its answer.
 *
 * All clients write into one FIFO, so requests follow each other without a gap,
 * and with anything else that was written there. To be found, each begins with
 * three letters and ends with a checksum of the rest:
 *
 *     0       3      4         8         12        16
 *     +-------+------+---------+---------+---------+
 *     | "ask" | kind | client  | seq     | check   |
 *     +-------+------+---------+---------+---------+
 *
 * Shorter than PIPE_BUF, so that one write puts it there whole. The answer to
 * it is a reading (common/reading.h) in the client's own FIFO, whose name is
 * not part of the request: it follows from the client's process id.
 */
#ifndef FIFO_REQUEST_H
#define FIFO_REQUEST_H

#include <arpa/inet.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "fifo.h"

enum request_kind { // from 1, so that an all-zero buffer is never valid
    REQUEST_READING = 1,
    REQUEST_END = 2, // the server is to end
};

struct request {
    enum request_kind kind;
    pid_t client;
    uint32_t seq; // of the reading that it wants
};

struct request_wire {
    char magic[3];
    uint8_t kind;
    uint32_t client;
    uint32_t seq;
    uint32_t check;
} __attribute__((packed));

_Static_assert(sizeof(struct request_wire) == 16, "padding crept in");
_Static_assert(sizeof(struct request_wire) <= PIPE_BUF, "could be torn");

// The checksum of the other members, in host byte order.
static inline uint32_t request_check(const struct request_wire *w)
{
    return ~(w->kind + 31 * (ntohl(w->client) + 31 * ntohl(w->seq)));
}

static inline struct request_wire request_encode(const struct request *r)
{
    struct request_wire w = {
        .magic = {'a', 's', 'k'},
        .kind = (uint8_t)r->kind,
        .client = htonl((uint32_t)r->client),
        .seq = htonl(r->seq),
    };

    w.check = htonl(request_check(&w));
    return w;
}

// Fill *r from the size of a request at bytes; false if that is none.
static inline bool request_decode(struct request *r, const char *bytes)
{
    struct request_wire w;

    memcpy(&w, bytes, sizeof w);
    if (memcmp(w.magic, "ask", sizeof w.magic) != 0)
        return false;
    if (w.kind != REQUEST_READING && w.kind != REQUEST_END)
        return false;
    if (ntohl(w.client) < 1 || ntohl(w.client) > INT_MAX)
        return false;
    if (ntohl(w.check) != request_check(&w))
        return false;

    *r = (struct request){
        .kind = w.kind,
        .client = (pid_t)ntohl(w.client),
        .seq = ntohl(w.seq),
    };
    return true;
}

// Put the name of the FIFO in which that client waits for its answers into
// path, of that size. False if it is too long.
static inline bool request_answer_path(char *path, size_t size,
                                       const char *requests, pid_t client)
{
    int length = snprintf(path, size, "%s.%ld", requests, (long)client);

    return length > 0 && (size_t)length < size;
}

// Remove a client's FIFO, if there is no such process any more: it was killed.
static inline void request_remove_leftover(const char *path, pid_t client)
{
    if (kill(client, 0) == -1 && errno == ESRCH && fifo_is_ours(path)) {
        unlink(path);
        printf("removed %s: there is no such client\n", path);
    }
}

// The same for all clients that were killed while there was no server.
static inline void request_remove_leftovers(const char *requests)
{
    char pattern[PATH_MAX];
    glob_t found;
    long client;

    snprintf(pattern, sizeof pattern, "%s.[1-9]*", requests);
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (parse_long(strrchr(found.gl_pathv[i], '.') + 1, 1, INT_MAX,
                       &client))
            request_remove_leftover(found.gl_pathv[i], (pid_t)client);
    globfree(&found);
}

#endif
