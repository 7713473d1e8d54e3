/*
 * tcp/stream_server/sound.h -- a file of sound, and its way to a client.
 */
#ifndef TCP_STREAM_SERVER_SOUND_H
#define TCP_STREAM_SERVER_SOUND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define RATE_MIN 1000 // bits a second
#define RATE_MAX 2000000000L
#define RATE_OWN 0     // that of the file
#define RATE_FAST (-1) // no pace at all

struct sound {
    const char *path; // NULL: after the last one
    int file;
    off_t start;  // what stands before takes no time
    int64_t rate; // bits a second, or RATE_FAST
};

// Open a file that is to be sent at that rate. False after a line on stderr
// that says why not.
bool sound_open(struct sound *s, const char *path, int64_t rate);

// Send all sounds over the connection, at their pace, and wait until the client
// has them; timeout_s: how long it may not read. Returns 0; -1 and errno,
// EAGAIN if it does not read any more. *sent: how many bytes it was.
int sound_send_all(int connection, const struct sound *sounds, int timeout_s,
                   int64_t *sent);

#endif
