/*
 * tcp/stream_server.c -- send files of sound, at the pace at which they play.
 *
 * Shows:   The bytes of the files and nothing else, so anything that reads
 *          sound can be the other end. A token bucket sets the pace: the bit
 *          rate of each file, or that of --rate; --fast is without. The only
 *          sign is the end of file; but the kernel sends it for a killed server
 *          too. So the connection would end with a reset, SO_LINGER, until all
 *          has been sent.
 *
 * Run:     five terminals
 *      1 $ build/tcp/stream_server --fast --clients 4 127.0.0.1 9400 README.md
 *      2 $ build/tcp/stream_player --via pipe 127.0.0.1 9400 -- cksum
 *      3 $ build/tcp/stream_player --via fifo 127.0.0.1 9400 -- cksum
 *      4 $ build/tcp/stream_player --via msg 127.0.0.1 9400 -- cksum
 *      5 $ build/tcp/stream_player --via shm 127.0.0.1 9400 -- cksum
 *
 * Prints:  ready on 127.0.0.1:9400
 *          client 1 from 127.0.0.1:<port>
 *          client 2 from 127.0.0.1:<port>
 *          client 3 from 127.0.0.1:<port>
 *          client 4 from 127.0.0.1:<port>
 *          4 clients had all of it, 0 had not, 0 were turned away
 *
 * Read:    socket(7), tcp(7), fork(2), pread(2), nanosleep(2), shutdown(2)
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/child.h"
#include "../common/clock.h"
#include "../common/program.h"
#include "../common/stream.h"
#include "../common/token_bucket.h"
#include "audio.h"
#include "sockets.h"

#define SECOND INT64_C(1000000000) // of the bucket's nanoseconds
#define AHEAD (SECOND / 2)         // that a client may have more than it plays
#define CHUNK_MAX 65536
#define FILES_MAX 1000
#define RATE_MIN 1000 // bits a second
#define RATE_MAX INT64_C(10000000000)

struct sound {
    const char *path;
    int file;
    int64_t rate; // bits a second; 0: as fast as it goes
};

static volatile sig_atomic_t reaped, had_all; // only here counted

// One signal may stand for several children: take as many as there are.
static void reap(int number)
{
    int error = errno, outcome;

    (void)number;
    while (waitpid(-1, &outcome, WNOHANG) > 0) {
        reaped++;
        had_all += outcome == 0;
    }
    errno = error;
}

// Whether it is a file that can be sent at that rate; 0 is its own, -1 none.
static bool open_sound(struct sound *s, const char *path, int64_t rate)
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
    if (rate == 0)
        s->rate = audio_rate(s->file, about.st_size);
    if (rate == -1)
        s->rate = 0;
    else if (s->rate < RATE_MIN || s->rate > RATE_MAX) {
        warnx("%s: no bit rate can be seen: --rate says it, or --fast", path);
        return false;
    }
    return true;
}

static void wait_for(int64_t nanoseconds)
{
    const struct timespec time = {
        .tv_sec = nanoseconds / SECOND,
        .tv_nsec = (long)(nanoseconds % SECOND),
    };

    nanosleep(&time, NULL);
}

// Send a file at its pace: a twentieth of a second at once. All children share
// the descriptor, and with it the offset: hence pread. 0; -1 and errno.
static int send_sound(int connection, const struct sound *s, struct bucket *b,
                      int64_t *sent)
{
    char bytes[CHUNK_MAX];
    size_t chunk = s->rate == 0 || s->rate / 160 > CHUNK_MAX
                       ? CHUNK_MAX
                       : (size_t)(s->rate / 160) + 1;
    off_t at = 0;
    ssize_t n;

    while ((n = pread(s->file, bytes, chunk, at)) > 0) {
        int64_t lasts =
            s->rate == 0 ? 0 : (int64_t)(8e9 * (double)n / (double)s->rate);
        for (int64_t wait;
             (wait = bucket_take(b, clock_us() * 1000, lasts)) > 0;)
            wait_for(wait);
        if (write_full(connection, bytes, (size_t)n) == -1)
            return -1;
        at += n;
        *sent += n;
    }
    return n == 0 ? 0 : -1;
}

// Say that this was all, and wait until the client has it and hangs up too: to
// close earlier would be a reset, should the client have said anything. 0; -1
// and errno, EAGAIN if it does not take the rest any more, or goes on talking.
static int part(int connection, int timeout)
{
    const struct linger no_reset = {0};
    struct pollfd client = {.fd = connection, .events = POLLIN};
    int left = INT_MAX; // bytes that have not arrived there
    char said[CHUNK_MAX];

    setsockopt(connection, SOL_SOCKET, SO_LINGER, &no_reset, sizeof no_reset);
    shutdown(connection, SHUT_WR);
    for (int tries = 0; tries < 100; tries++) {
        int n = poll(&client, 1, timeout * 1000);
        ssize_t count = n == 1 ? read(connection, said, sizeof said) : 1;
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

// In a child: all the files for one client. Returns its exit status.
static int serve(int connection, long number, const struct sound *sounds,
                 int timeout)
{
    const struct timeval limit = {.tv_sec = timeout};
    struct bucket b = bucket_start(clock_us() * 1000, AHEAD);
    int64_t sent = 0;

    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int result = 0;
    for (const struct sound *s = sounds; s->path && result == 0; s++)
        result = send_sound(connection, s, &b, &sent);
    if (result == 0)
        result = part(connection, timeout);
    if (result == -1)
        warnx("client %ld: %s, after %" PRId64 " bytes", number,
              errno == EAGAIN ? "does not read any more" : strerror(errno),
              sent);
    return result == 0 ? 0 : 1;
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] =
        "stream_server [--fast | --rate BITS] [--clients N] [--limit N]\n"
        "                     [--timeout SECONDS] ADDRESS PORT FILE...";
    const struct option options[] = {
        {"fast", no_argument, NULL, 'f'},
        {"rate", required_argument, NULL, 'r'},    // bits a second
        {"clients", required_argument, NULL, 'c'}, // so many, and end
        {"limit", required_argument, NULL, 'l'},   // so many at a time
        {"timeout", required_argument, NULL, 't'}, // for who does not read
        {0},
    };
    long clients = LONG_MAX, limit = 64, timeout = 30, rate = 0;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option == 'f')
            rate = -1;
        else if (option == '?' ||
                 (option == 'r' &&
                  !parse_long(optarg, RATE_MIN, RATE_MAX, &rate)) ||
                 (option == 'c' && !parse_long(optarg, 1, INT_MAX, &clients)) ||
                 (option == 'l' && !parse_long(optarg, 1, 10000, &limit)) ||
                 (option == 't' && !parse_long(optarg, 1, 3600, &timeout)))
            return usage(argc, argv, synopsis);
    int files = argc - optind - 2;
    if (files < 1 || files > FILES_MAX)
        return usage(argc, argv, synopsis);

    static struct sound sounds[FILES_MAX + 1]; // the one after the last is 0
    for (int i = 0; i < files; i++)
        if (!open_sound(&sounds[i], argv[optind + 2 + i], rate))
            return 1;
    int door = listen_on(argv[optind], argv[optind + 1], SOMAXCONN);
    if (door == -1)
        return 1;
    const struct sigaction reaping = {.sa_handler = reap};
    sigaction(SIGCHLD, &reaping, NULL);
    signal(SIGPIPE, SIG_IGN); // a client that goes away is no reason to end
    printf("ready on %s\n", address_bound(door).text);

    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    const pid_t server = getpid();
    long forked = 0, turned_away = 0;
    while (forked + turned_away < clients) {
        struct sockaddr_storage there;
        int connection = accept_from(door, &there);
        if (connection == -1) { // EMFILE, ENFILE, ENOMEM
            warn("accept");
            poll(NULL, 0, 100); // accept would fail at once, again and again
            continue;
        }
        // However its last descriptor is closed: this was not the end.
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);

        pid_t child = -1;
        if (forked - reaped < limit) {
            child = fork();
            if (child == -1)
                warn("fork"); // and go on: the next one may find room
        }
        if (child == 0) {
            end_with(server, SIGTERM);
            close(door);
            return serve(connection, forked + 1, sounds, (int)timeout);
        }
        if (child == -1) {
            turned_away++;
        } else {
            forked++;
            printf("client %ld from %s\n", forked, address_text(&there).text);
        }
        close(connection);
    }

    while (forked > reaped) // the last ones are listening
        poll(NULL, 0, 10);
    printf("%d clients had all of it, %ld had not, %ld were turned away\n",
           had_all, forked - had_all, turned_away);
    return 0;
}
