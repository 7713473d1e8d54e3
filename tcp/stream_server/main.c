/*
 * tcp/stream_server/main.c -- send files of sound, as fast as they play.
 *
 * Shows:   The bytes of the files and nothing else, so any program that reads
 *          sound can be the other end. A token bucket sets the pace: the bit
 *          rate of each file, or that of --rate; --fast is without. The only
 *          mark is the end of file; but the kernel sends it for a killed server
 *          too. So the connection is set to end with a reset, SO_LINGER, until
 *          all has been sent.
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
 *          4 clients received all, 0 did not, 0 were rejected
 *
 * Read:    accept(2), socket(7), fork(2), waitpid(2); sound.c
 */
#define _GNU_SOURCE // accept4
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../common/child.h"
#include "../sockets.h"
#include "sound.h"

#define FILES_MAX 1000

static long clients = LONG_MAX, limit = 64, timeout_s = 30;
static long rate = RATE_OWN;
static volatile sig_atomic_t reaped, complete; // the handler adds

// One signal may stand for several children: wait for all that have ended.
static void reap(int number)
{
    int error = errno, outcome;

    (void)number;
    while (waitpid(-1, &outcome, WNOHANG) > 0) {
        reaped++;
        complete += outcome == 0;
    }
    errno = error;
}

// The next connection, and whose it is. However its last descriptor is closed,
// the client sees a reset: that is not the end of the sound.
static int accept_client(int listener, struct sockaddr_storage *there)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    int connection;

    do {
        socklen_t length = sizeof *there;
        connection = accept(listener, (struct sockaddr *)there, &length);
    } while (connection == -1 && accept_again());
    if (connection == -1)
        err(1, "accept");
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    return connection;
}

// In a child: all files for one client. Returns its exit status.
static int serve(int connection, long number, const struct sound *sounds)
{
    int64_t sent;

    if (sound_send_all(connection, sounds, (int)timeout_s, &sent) == 0)
        return 0;
    warnx("client %ld: %s, after %" PRId64 " bytes", number,
          errno == EAGAIN ? "does not read any more" : strerror(errno), sent);
    return 1;
}

static bool parse_options(int argc, char *argv[])
{
    const struct option options[] = {
        {"fast", no_argument, NULL, 'f'},
        {"rate", required_argument, NULL, 'r'},    // bits a second
        {"clients", required_argument, NULL, 'c'}, // how many, then end
        {"limit", required_argument, NULL, 'l'},   // how many at a time
        {"timeout", required_argument, NULL, 't'}, // of a client that is silent
        {0},
    };
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        if (option == 'f')
            rate = RATE_FAST;
        if (option == '?' ||
            (option == 'r' && !parse_long(optarg, RATE_MIN, RATE_MAX, &rate)) ||
            (option == 'c' && !parse_long(optarg, 1, INT_MAX, &clients)) ||
            (option == 'l' && !parse_long(optarg, 1, 10000, &limit)) ||
            (option == 't' && !parse_long(optarg, 1, 3600, &timeout_s)))
            return false;
    }
    return argc - optind >= 3 && argc - optind <= 2 + FILES_MAX &&
           is_port(argv[optind + 1]);
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_options(argc, argv))
        return usage(argc, argv,
                     "stream_server [--fast | --rate BITS] [--clients N] "
                     "[--limit N]\n"
                     "                     [--timeout SECONDS] ADDRESS PORT "
                     "FILE...");

    static struct sound sounds[FILES_MAX + 1]; // the one after the last is 0
    for (int i = optind + 2; i < argc; i++)
        if (!sound_open(&sounds[i - optind - 2], argv[i], rate))
            return 1;
    int listener = tcp_listen(argv[optind], argv[optind + 1], SOMAXCONN);
    if (listener == -1)
        return 1;
    const struct sigaction reaping = {.sa_handler = reap};
    sigaction(SIGCHLD, &reaping, NULL);
    signal(SIGPIPE, SIG_IGN); // a client that closes must not end the server
    program_ready("ready on %s\n", address_bound(listener).text);

    const pid_t server = getpid();
    long forked = 0, rejected = 0;
    while (forked + rejected < clients) {
        struct sockaddr_storage there = {0};
        int connection = accept_client(listener, &there);

        pid_t child = -1;
        if (forked - reaped < limit && (child = fork()) == -1)
            warn("fork");
        if (child == 0) {
            set_pdeathsig(server, SIGTERM);
            close(listener);
            _exit(serve(connection, forked + 1, sounds));
        }
        if (child == -1) { // the limit, or no memory: the next may find room
            rejected++;
        } else {
            forked++;
            printf("client %ld from %s\n", forked, address_text(&there).text);
        }
        close(connection);
    }

    while (reaped < forked) // the last ones are listening
        poll(NULL, 0, 10);
    printf("%d clients received all, %ld did not, %ld were rejected\n",
           complete, forked - complete, rejected);
    return 0;
}
