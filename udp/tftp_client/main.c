/*
 * udp/tftp_client/main.c -- fetch a file from any TFTP server, or store one.
 *
 * Shows:   A file over a network that loses: a window of blocks under way, each
 *          of them acknowledged; a timer; and an end that says that what came
 *          is what was sent. What is broken off goes on where it was.
 *
 * Run:     start udp/tftp_server/main.c first; its header has both commands
 *
 * Prints:  <cksum> <bytes> copy
 *
 * Read:    udp(7), socket(7), connect(2), recvmmsg(2), sendmmsg(2), flock(2),
 *          fsync(2), rename(2); RFC 1350, 2347, 2348, 2349, 7440, 6298, 8985
 */
#define _GNU_SOURCE // ppoll, recvmmsg, sendmmsg, O_PATH, O_TMPFILE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../common/ending.h"
#include "../../common/printable.h"
#include "../../common/program.h"
#include "../../common/progress.h"
#include "../tftp/tftp_actions.h"
#include "partial.h"

#define WINDOW 256          // found by measuring, as is that more bytes than
#define WINDOW_BYTES 524288 // these, under way at once, only wear out the cache
#define HEADERS 72 // of IPv6 and UDP, ours, and some for a tunnel on the way

static struct partial partial = {.file = -1};
static volatile sig_atomic_t may_resume; // what there is can be gone on with

struct ask {
    bool put;
    bool octet;
    long window, block, timeout; // 0: not said
    const char *host, *port, *from, *to;
};

static void tidy_up_and_end(int number)
{
    if (!may_resume)
        partial_drop(&partial);
    end_by(number);
}

// How large a block fits into one packet of the interface on the way there.
static size_t block_for(const struct sockaddr_storage *server, socklen_t length)
{
    int mtu = 0;
    socklen_t size = sizeof mtu;

    int sock = socket(server->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock != -1 &&
        connect(sock, (const struct sockaddr *)server, length) == 0) {
        if (server->ss_family == AF_INET)
            getsockopt(sock, IPPROTO_IP, IP_MTU, &mtu, &size);
        else
            getsockopt(sock, IPPROTO_IPV6, IPV6_MTU, &mtu, &size);
    }
    if (sock != -1)
        close(sock);
    if (mtu < HEADERS + TFTP_BLOCK)
        return TFTP_BLOCK;
    return mtu > HEADERS + TFTP_BLOCK_MOST ? TFTP_BLOCK_MOST
                                           : (size_t)mtu - HEADERS;
}

static int keep(struct tftp_transfer *t)
{
    if (!tftp_sink_whole(&t->sink)) {
        tftp_trouble(t, TFTP_OTHER, "It arrived damaged");
        may_resume = 0;
        return -1;
    }
    if (partial_keep(&partial) == 0)
        return 0;
    tftp_failure(t);
    return -1;
}

// After each event: the answer may say that it starts anew; and progress.
static void news(struct tftp_transfer *t)
{
    struct progress *progress = t->owner;

    progress_show(progress, tftp_progress(t),
                  tftp_has(&t->agreed, TFTP_TSIZE) ? t->agreed.value[TFTP_TSIZE]
                                                   : 0);
}

// What has come before is of use only if the server has the same, and says so.
static int agreed(struct tftp_transfer *t)
{
    may_resume = tftp_has(&t->agreed, TFTP_OFFSET);
    if (may_resume && t->agreed.value[TFTP_OFFSET] == t->sink.received)
        return 0;
    return partial_empty(&partial, &t->sink);
}

// What to ask for.
static void ask_for(struct tftp_transfer *t, const struct ask *a,
                    socklen_t length)
{
    struct tftp_options *o = &t->asked;
    size_t block =
        a->block > 0 ? (size_t)a->block : block_for(&t->server, length);
    size_t most = TFTP_MEMORY / (block + TFTP_HEAD + TFTP_GUARD);
    long window = a->window > 0                   ? a->window
                  : block * WINDOW > WINDOW_BYTES ? (long)(WINDOW_BYTES / block)
                                                  : WINDOW;

    tftp_set(o, TFTP_BLKSIZE, block);
    tftp_set(o, TFTP_WINDOWSIZE,
             (size_t)window < most ? (uint64_t)window : most);
    tftp_set(o, TFTP_SACK, 1);
    tftp_set(o, TFTP_GUARDED, 0);
    if (a->octet) {
        tftp_set(o, TFTP_TSIZE, a->put ? (uint64_t)t->source.about.st_size : 0);
        tftp_set(o, TFTP_CKSUM, a->put ? 0 : cksum_end(&t->sink.sum));
        if (!a->put)
            tftp_set(o, TFTP_OFFSET, t->sink.received);
    }
    tftp_put16(t->opening, t->opcode);
    const char *path = a->put ? a->to : a->from;
    int n = snprintf((char *)t->opening + 2, sizeof t->opening - 2, "%s%c%s",
                     path, 0, a->octet ? "octet" : "netascii");
    t->opening_size = 0;
    if (n + 3 < (int)sizeof t->opening)
        t->opening_size = tftp_options_put(t->opening, (size_t)n + 3,
                                           sizeof t->opening, o, &t->guard);
    if (t->opening_size == 0)
        errx(1, "%s: %s", path, strerror(ENAMETOOLONG));
}

// Open what is to be sent, or stored.
static void open_files(struct tftp_transfer *t, const struct ask *a)
{
    static char origin[PATH_MAX + 512];
    struct stat about;

    if (a->put) {
        int file = open(a->from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (file == -1 || fstat(file, &about) == -1)
            err(1, "%s", a->from);
        if (!S_ISREG(about.st_mode))
            errx(1, "%s: %s", a->from,
                 S_ISDIR(about.st_mode) ? strerror(EISDIR)
                                        : "Not a regular file");
        tftp_source_start(&t->source, file, &about);
        return;
    }
    if (atomic_file_locate(&partial.where, a->to, a->from) == -1)
        errx(1, "%s: %s", partial.where.path,
             errno == ENOTSUP ? "Not a regular file" : strerror(errno));
    snprintf(origin, sizeof origin, "tftp %s %s %s\n%s\n", a->host, a->port,
             a->octet ? "octet" : "netascii", a->from);
    hold_endings(SIG_BLOCK);
    before_ending(tidy_up_and_end);
    int opened = partial_open(&partial, origin, &t->sink);
    int error = errno;
    may_resume = opened == 0 && a->octet && t->sink.received > 0;
    if (opened == 0 && !a->octet)
        opened = partial_empty(&partial, &t->sink);
    hold_endings(SIG_UNBLOCK);
    if (opened == -1 && error == EBUSY)
        errx(1, "%s: another transfer is writing it", partial.where.path);
    if (opened == -1) {
        partial_drop(&partial);
        errno = error;
        err(1, "%s", partial.where.path);
    }
}

static void find_server(struct tftp_transfer *t, const struct ask *a,
                        socklen_t *length)
{
    struct sockaddr_storage here = {0};
    struct addrinfo *found;

    int error = address_find(a->host, a->port, SOCK_DGRAM, 0, &found);
    if (error != 0)
        errx(1, "%s port %s: %s", a->host, a->port, gai_strerror(error));
    memcpy(&t->server, found->ai_addr, found->ai_addrlen);
    *length = found->ai_addrlen;
    here.ss_family = (sa_family_t)found->ai_family;
    freeaddrinfo(found);
    if (tftp_link_open(&t->link, &here) == -1 ||
        tftp_link_to(&t->link, &t->server, false) == -1)
        err(1, "%s port %s", a->host, a->port);
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] =
        "tftp_client [--put] [--netascii] [--window N] [--block N] "
        "[--timeout S] ADDRESS PORT FROM TO";
    const struct option options[] = {
        {"put", no_argument, NULL, 'p'},
        {"netascii", no_argument, NULL, 'n'},
        {"window", required_argument, NULL, 'w'},
        {"block", required_argument, NULL, 'b'},
        {"timeout", required_argument, NULL, 't'},
        {0},
    };
    static struct tftp_transfer t;
    struct ask a = {.octet = true, .timeout = 20};
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option == 'p')
            a.put = true;
        else if (option == 'n')
            a.octet = false;
        else if (!(option == 'w' &&
                   parse_long(optarg, 1, TFTP_WINDOW_MOST, &a.window)) &&
                 !(option == 'b' &&
                   parse_long(optarg, 8, TFTP_BLOCK_MOST, &a.block)) &&
                 !(option == 't' && parse_long(optarg, 1, 3600, &a.timeout)))
            return usage(argc, argv, synopsis);
    if (argc - optind != 4)
        return usage(argc, argv, synopsis);
    a.host = argv[optind];
    a.port = argv[optind + 1];
    a.from = argv[optind + 2];
    a.to = argv[optind + 3];
    const char *name = a.put ? a.to : a.from;
    if (*name == '\0')
        errx(1, "%s: %s", name, strerror(ENOENT));

    struct progress progress;
    socklen_t length;
    enum tftp_event last;
    signal(SIGXFSZ, SIG_IGN); // a file that gets too long is EFBIG
    tftp_transfer_start(&t, a.put ? TFTP_WRQ : TFTP_RRQ, a.octet,
                        a.timeout * 1000000);
    find_server(&t, &a, &length);
    open_files(&t, &a);
    ask_for(&t, &a, length);
    progress_start(&progress, a.from);
    t.owner = &progress;
    t.news = news;
    t.keep = keep;
    t.ready = a.put ? NULL : agreed;

    struct tftp_step first = {a.put ? TFTP_SUBMITTING : TFTP_ASKING, DO_ASK};
    enum tftp_state state = tftp_run(&t, first, &last);
    progress_end(&progress);
    if (state != TFTP_SUCCEEDED) {
        if (!may_resume || t.sink.received == 0)
            partial_drop(&partial);
        if (last == ON_SILENCE)
            errx(1, "%s: nothing from the server for %ld s", name, a.timeout);
        errx(1, "%s: %s", name, printable(t.refusal));
    }
    if (a.put)
        printf("%" PRIu32 " %" PRIu64 " %s\n", cksum_end(&t.source.sum),
               t.source.sent, a.to);
    else
        printf("%" PRIu32 " %" PRIu64 " %s\n", cksum_end(&t.sink.sum),
               t.sink.received, partial.where.path);
    return 0;
}
