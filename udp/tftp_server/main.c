/*
 * udp/tftp_server/main.c -- serve the files of a directory to any TFTP client.
 *
 * Shows:   A server over datagrams: one port for the requests, and a process
 *          and a port for each transfer. Requests may come from anyone and
 *          contain anything; the network may lose, duplicate and corrupt them.
 *
 * Run:     terminal 1 $ build/udp/tftp_server --requests 1 127.0.0.1 9469 .
 *          terminal 2 $ build/udp/tftp_client 127.0.0.1 9469 README.md copy
 *
 * Prints:  ready on 127.0.0.1:9469
 *          127.0.0.1:<port>: get README.md: <...>
 *
 * Read:    udp(7), recvmsg(2), ip(7) for IP_PKTINFO, ppoll(2), fork(2),
 *          linkat(2), daemon(7); RFC 1350, 2347, 2348, 2349, 7440
 */
#define _GNU_SOURCE // O_PATH
#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "../../common/address.h"
#include "../../common/daemon.h"
#include "../../common/program.h"
#include "../../common/termination.h"
#include "listener.h"
#include "server.h"

struct arguments {
    bool daemonize;
    bool writable;
    const char *log; // NULL: not given
    long requests;   // 0: not given
    const char *host, *port, *root;
};

// Set *a from the command line; false if that is wrong.
static bool parse_arguments(struct arguments *a, int argc, char *argv[])
{
    const struct option options[] = {
        {"daemon", no_argument, NULL, 'd'},
        {"writable", no_argument, NULL, 'w'},
        {"log", required_argument, NULL, 'l'},
        {"requests", required_argument, NULL, 'r'},
        {0},
    };
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option == 'd')
            a->daemonize = true;
        else if (option == 'w')
            a->writable = true;
        else if (option == 'l')
            a->log = optarg;
        else if (option != 'r' || !parse_long(optarg, 1, 1000000, &a->requests))
            return false;
    if (argc - optind != 3 || !is_port(argv[optind + 1]))
        return false;
    a->host = argv[optind];
    a->port = argv[optind + 1];
    a->root = argv[optind + 2];
    return true;
}

static void open_log(struct log *log, const struct arguments *a)
{
    log->file = STDOUT_FILENO;
    if (a->log) {
        log->file =
            open(a->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (log->file == -1)
            err(1, "%s", a->log);
    } else if (a->daemonize) {
        openlog("tftp_server", LOG_PID, LOG_FTP);
        log->file = -1;
    }
}

int main(int argc, char *argv[])
{
    static const char synopsis[] =
        "tftp_server [--daemon] [--writable] [--log FILE] [--requests COUNT] "
        "ADDRESS PORT ROOT";
    static struct server s;
    struct arguments a = {0};
    int ready = -1;

    program_start();
    if (!parse_arguments(&a, argc, argv))
        return usage(argc, argv, synopsis);
    if (a.daemonize) {
        pid_t child = daemon_fork(&ready);
        if (child == -1)
            err(1, "fork");
        if (child > 0)
            return daemon_outcome(ready);
    }
    s.writable = a.writable;
    s.root = open(a.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (s.root == -1)
        err(1, "%s", a.root);
    open_log(&s.log, &a);
    if (transfers_start(&s.transfers) == -1)
        err(1, "mmap");
    cksum_start(&s.sum);
    s.sock = listener_open(a.host, a.port);
    if (s.sock == -1)
        return 1;
    server_block_signals(&s);

    program_ready("ready on %s\n", address_bound(s.sock).text);
    if (a.daemonize && daemon_ready(ready) == -1)
        err(1, "daemon");
    int number = server_run(&s, a.requests);
    if (number > 0) {
        reraise(number);
        sigprocmask(SIG_SETMASK, &s.unblocked, NULL);
    }
    return number == -1 || s.log.error != 0 || s.transfers.log_error != 0;
}
