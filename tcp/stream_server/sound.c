/*
 * tcp/stream_server/sound.c -- a file of sound, and its way to a client.
 *
 * A token bucket sets the pace: a twentieth of a second goes out at once, and
 * the client may have half a second more than it has played.
 *
 * Read:    pread(2), nanosleep(2), shutdown(2), tcp(7)
 */
#define _GNU_SOURCE // audio.h
#include "sound.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../../common/clock.h"
#include "../../common/stream.h"
#include "../../common/token_bucket.h"
#include "audio.h"

#define SECOND INT64_C(1000000000) // of the bucket's nanoseconds
#define AHEAD (SECOND / 2)         // that a client may have more than it plays
#define CHUNK_MAX 65536

bool sound_open(struct sound *s, const char *path, int64_t rate)
{
    struct stat about;

    // O_NONBLOCK: a FIFO is refused below, without waiting for its other end.
    *s = (struct sound){.path = path, .rate = rate};
    s->file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (s->file == -1 || fstat(s->file, &about) == -1) {
        warn("%s", path);
        return false;
    }
    if (!S_ISREG(about.st_mode)) {
        warnx("%s: not a regular file", path);
        return false;
    }
    struct audio audio = audio_of(s->file, about.st_size);
    s->start = audio.start;
    if (rate == RATE_OWN)
        s->rate = audio.rate;
    if (rate != RATE_FAST && (s->rate < RATE_MIN || s->rate > RATE_MAX)) {
        warnx("%s: no bit rate can be seen: --rate says it, or --fast", path);
        return false;
    }
    return true;
}

// How long these bytes of it play, in nanoseconds.
static int64_t duration(const struct sound *s, off_t at, ssize_t bytes)
{
    return s->rate == RATE_FAST || at < s->start
               ? 0
               : (int64_t)(8e9 * (double)bytes / (double)s->rate);
}

// Wait until the bucket has that many tokens, and take them.
static void take_tokens(struct bucket *b, int64_t tokens)
{
    int64_t wait;

    while ((wait = bucket_take(b, clock_us() * 1000, tokens)) > 0) {
        const struct timespec time = {
            .tv_sec = (time_t)(wait / SECOND),
            .tv_nsec = (long)(wait % SECOND),
        };
        nanosleep(&time, NULL);
    }
}

// All children share the descriptor, and with it the offset: hence pread.
// Returns 0; -1 and errno.
static int send_sound(int connection, const struct sound *s, struct bucket *b,
                      int64_t *sent)
{
    char bytes[CHUNK_MAX];
    size_t chunk = s->rate == RATE_FAST || s->rate / 160 > CHUNK_MAX
                       ? CHUNK_MAX
                       : (size_t)(s->rate / 160) + 1;
    off_t at = 0;
    ssize_t n;

    do {
        size_t size = at < s->start && s->start - at < (off_t)chunk
                          ? (size_t)(s->start - at)
                          : chunk;
        n = pread(s->file, bytes, size, at);
        if (n <= 0)
            return (int)n;
        take_tokens(b, duration(s, at, n));
        at += n;
        *sent += n;
    } while (write_full(connection, bytes, (size_t)n) == 0);
    *sent -= n;
    return -1;
}

// After the last byte: end the stream, and wait until the client has it and
// closes, too. To close earlier would be a reset, should the client have sent
// anything. Returns 0; -1 and errno, EAGAIN if it does not read the rest, or
// goes on sending.
static int end_stream(int connection, int timeout_s)
{
    const struct linger no_reset = {0};
    struct pollfd client = {.fd = connection, .events = POLLIN};
    int left = INT_MAX; // bytes that have not arrived there
    char ignored[CHUNK_MAX];

    setsockopt(connection, SOL_SOCKET, SO_LINGER, &no_reset, sizeof no_reset);
    shutdown(connection, SHUT_WR);
    for (int tries = 0; tries < 100; tries++) {
        int n = poll(&client, 1, timeout_s * 1000);
        ssize_t count = n == 1 ? read(connection, ignored, sizeof ignored) : 1;
        if (count <= 0)
            return (int)count; // the end of file, or a reset
        int before = left;
        if (n == 0 && (ioctl(connection, SIOCOUTQ, &left) == -1 || left == 0 ||
                       left == before))
            break;
    }
    errno = EAGAIN;
    return left == 0 ? 0 : -1; // it has all, and may keep the connection
}

int sound_send_all(int connection, const struct sound *sounds, int timeout_s,
                   int64_t *sent)
{
    const struct timeval limit = {.tv_sec = timeout_s};
    struct bucket b = bucket_start(clock_us() * 1000, AHEAD);
    int result = 0;

    *sent = 0;
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    for (const struct sound *s = sounds; s->path && result == 0; s++)
        result = send_sound(connection, s, &b, sent);
    return result == 0 ? end_stream(connection, timeout_s) : -1;
}
