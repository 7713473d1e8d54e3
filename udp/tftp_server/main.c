/*
 * udp/tftp_server/main.c -- serve the files of a folder to any TFTP client.
 *
 * Shows:   A server over datagrams: one port for the requests, and a process
 *          and a port for each transfer. Whoever asks may be anybody, and what
 *          comes may be anything; the network may lose, double and damage all
 *          of it.
 *
 * Run:     terminal 1 $ build/udp/tftp_server --requests 1 127.0.0.1 9469 .
 *          terminal 2 $ build/udp/tftp_client 127.0.0.1 9469 README.md copy
 *
 * Prints:  ready on 127.0.0.1:9469
 *          127.0.0.1:<port>: get README.md: <...>
 *
 * Read:    udp(7), recvmsg(2), ip(7) for IP_PKTINFO, ppoll(2), fork(2),
 *          openat2(2), daemon(7); RFC 1350, 2347, 2348, 2349, 7440
 */
#define _GNU_SOURCE // ppoll, recvmmsg, sendmmsg, O_PATH
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../common/child.h"
#include "../../common/daemon.h"
#include "../../common/ending.h"
#include "../../common/program.h"
#include "../poll_signals_first.h"
#include "port.h"
#include "serve.h"
#include "transfers.h"

static volatile sig_atomic_t ended_by; // a signal

static void note(int number)
{
    if (number != SIGCHLD)
        ended_by = number;
}

// Signals act only while the server waits: *during is the mask for that.
static void hold_signals(sigset_t *during)
{
    const int handled[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = note};
    sigset_t held;

    sigemptyset(&held);
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++) {
        sigaction(handled[i], &action, NULL);
        sigaddset(&held, handled[i]);
    }
    sigprocmask(SIG_BLOCK, &held, during);
    signal(SIGXFSZ, SIG_IGN); // a file that gets too long is EFBIG
}

static void release_signals(const sigset_t *before)
{
    const int handled[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};

    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
        signal(handled[i], SIG_DFL);
    sigprocmask(SIG_SETMASK, before, NULL);
}

struct server {
    int sock;
    int root;
    bool writable;
    struct log log;
    struct cksum sum;
    struct transfers transfers;
    sigset_t during; // the mask while waiting, and of a child
};

// Whether a transfer has begun for it.
static bool begin(struct server *s, const struct request *r)
{
    struct transfers *all = &s->transfers;
    uint32_t request = tftp_guard(&s->sum, 0, r->datagram, r->n);
    bool plain = r->asked.set == 0;

    transfers_reap(all);
    if (transfers_again(all, &r->from, request, r->n) ||
        !transfers_may_begin(all, &r->from, plain))
        return false;
    int i = transfers_place(all);
    if (i == -1) {
        port_refuse(s->sock, r, TFTP_OTHER, "Busy: try again later");
        return false;
    }
    struct tftp_asker *asker = &all->asker[i];
    atomic_store(&asker->bytes, (unsigned)r->n);
    atomic_store(&asker->requests, 1);
    atomic_store(&asker->answered, false);

    pid_t server = getpid();
    pid_t pid = fork();
    if (pid == -1) {
        log_line(&s->log, "fork: %s", strerror(errno));
        port_refuse(s->sock, r, TFTP_OTHER, "Busy: try again later");
        return false;
    }
    if (pid == 0) {
        release_signals(&s->during);
        end_with(server, SIGTERM);
        close(s->sock); // or its port would be taken as long as we live
        struct tftp_transfer *t = calloc(1, sizeof *t);
        if (!t)
            _exit(1);
        t->asker = asker;
        _exit(serve(t, r, s->root, s->writable, &s->log) ? 0 : 1);
    }
    all->at[i] = (struct transfer){.pid = pid,
                                   .plain = plain,
                                   .request = request,
                                   .since = clock_us(),
                                   .from = r->from};
    return true;
}

// Until it is ended, or has begun so many transfers.
static void serve_all(struct server *s, long requests)
{
    static struct request r; // it is large, and a child has a copy of its own
    long begun = 0;

    while (ended_by == 0 && (requests == 0 || begun < requests)) {
        struct pollfd readable = {.fd = s->sock, .events = POLLIN};
        const char *refusal;

        if (poll_signals_first(&readable, 1, NULL, &s->during) == -1 &&
            errno != EINTR) {
            log_line(&s->log, "poll: %s", strerror(errno));
            return;
        }
        transfers_reap(&s->transfers);
        if (!port_receive(s->sock, &r) || !request_read(&r, &s->sum, &refusal))
            continue;
        if (refusal) {
            log_line(&s->log, "%s: %s", address_text(&r.from).text, refusal);
            port_refuse(s->sock, &r, TFTP_ILLEGAL, refusal);
            continue;
        }
        begun += begin(s, &r);
    }
    while (ended_by == 0 && transfers_reap(&s->transfers) > 0)
        ppoll(NULL, 0, NULL, &s->during); // SIGCHLD ends it
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] =
        "tftp_server [--daemon] [--writable] [--log FILE] [--requests COUNT] "
        "ADDRESS PORT ROOT";
    const struct option options[] = {
        {"daemon", no_argument, NULL, 'd'},
        {"writable", no_argument, NULL, 'w'},
        {"log", required_argument, NULL, 'l'},
        {"requests", required_argument, NULL, 'r'},
        {0},
    };
    static struct server s = {.log.file = STDOUT_FILENO};
    bool daemonize = false;
    const char *log_path = NULL;
    long requests = 0;
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option == 'd')
            daemonize = true;
        else if (option == 'w')
            s.writable = true;
        else if (option == 'l')
            log_path = optarg;
        else if (option != 'r' || !parse_long(optarg, 1, 1000000, &requests))
            return usage(argc, argv, synopsis);
    if (argc - optind != 3)
        return usage(argc, argv, synopsis);

    int ready = -1;
    if (daemonize) {
        pid_t child = daemon_fork(&ready);
        if (child == -1)
            err(1, "fork");
        if (child > 0)
            return daemon_outcome(ready);
    }
    s.root = open(argv[optind + 2], O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (s.root == -1)
        err(1, "%s", argv[optind + 2]);
    if (log_path) {
        s.log.file =
            open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (s.log.file == -1)
            err(1, "%s", log_path);
    } else if (daemonize) {
        openlog("tftp_server", LOG_PID, LOG_FTP);
        s.log.file = -1;
    }
    if (transfers_start(&s.transfers) == -1)
        err(1, "mmap");
    cksum_start(&s.sum);
    s.sock = port_open(argv[optind], argv[optind + 1]);
    if (s.sock == -1)
        return 1;
    hold_signals(&s.during);

    printf("ready on %s\n", address_bound(s.sock).text);
    fflush(stdout);
    if (daemonize && daemon_ready(ready) == -1)
        err(1, "daemon");
    serve_all(&s, requests);

    transfers_end(&s.transfers);
    if (ended_by != 0) {
        release_signals(&s.during);
        end_by(ended_by);
    }
    return 0;
}
