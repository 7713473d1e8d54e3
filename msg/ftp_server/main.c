/*
 * msg/ftp_server/main.c -- serve the files of a folder over message queues.
 *
 * Shows:   A daemon: it forks a worker for each client, makes it be that
 *          client's user, and execs it with next to nothing in its hands. Who
 *          the user is, the kernel says: no message is believed.
 *
 * Run:     terminal 1 $ build/msg/ftp_server --requests 1 . README.md
 *          terminal 2 $ build/msg/ftp_client README.md README.md copy
 *
 * Prints:  ready on README.md
 *          ftp_server[<pid>]: queue <id>, uid <uid>: README.md: sent, <bytes>
 *
 * Read:    msgget(2), msgrcv(2), msgctl(2), fork(2), fexecve(3), daemon(7),
 *          syslog(3)
 */
#define _GNU_SOURCE // O_PATH, pipe2
#include <err.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <syslog.h>

#include "../../common/daemon.h"
#include "../../common/pid_file.h"
#include "../../common/program.h"
#include "../../common/termination.h"
#include "files.h"
#include "serve.h"
#include "server_queue.h"
#include "signals.h"
#include "workers.h"

static struct options {
    bool daemon;
    const char *pid_file;
    long requests;
    const char *root;
    const char *key_file;
} options = {.root = "."};

static bool parse_options(int argc, char *argv[])
{
    const struct option long_options[] = {
        {"daemon", no_argument, NULL, 'd'},
        {"limit", required_argument, NULL, 'l'},
        {"pid-file", required_argument, NULL, 'p'},
        {"requests", required_argument, NULL, 'r'},
        {0},
    };
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", long_options, NULL)) != -1)
        if (option == 'd')
            options.daemon = true;
        else if (option == 'p')
            options.pid_file = optarg;
        else if (!(option == 'l' &&
                   parse_long(optarg, 1, 3600, &workers_timeout_s)) &&
                 !(option == 'r' &&
                   parse_long(optarg, 1, 1000000, &options.requests)))
            return false;
    if (optind < argc)
        options.root = argv[optind++];
    options.key_file = optind < argc ? argv[optind++] : options.root;
    return optind == argc;
}

static void take_pid_file(struct pid_file *file)
{
    pid_t holder = pid_file_take(file, options.pid_file);

    if (holder == -1)
        err(1, "%s", options.pid_file);
    if (holder > 0)
        errx(1, "process %d has %s", (int)holder, options.pid_file);
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_options(argc, argv))
        return usage(argc, argv,
                     "ftp_server [--daemon] [--pid-file FILE] "
                     "[--limit SECONDS] [--requests COUNT] [ROOT [KEYFILE]]");

    int ready = -1;
    if (options.daemon) {
        pid_t child = daemon_fork(&ready);
        if (child == -1)
            err(1, "fork");
        if (child > 0)
            return daemon_outcome(ready);
    }
    openlog("ftp_server", LOG_PID | LOG_PERROR, LOG_FTP);

    if (!files_set_root(options.root))
        err(1, "%s", options.root);
    if (!files_open())
        return 1;
    signals_handle(options.daemon);
    struct pid_file pid_file;
    if (options.pid_file)
        take_pid_file(&pid_file);
    bool ok = server_queue_open(options.key_file);

    if (ok) {
        printf("ready on %s\n", options.key_file); // stdout may be closed
        if (options.daemon && daemon_ready(ready) == -1) {
            warn("daemon");
            ok = false;
        }
        ok = ok && serve(options.requests);
    }

    if (signals_end != 0)
        workers_kill(SIGTERM); // one more may have started meanwhile
    while (workers_count() > 0)
        workers_reap(0);
    if (server_queue != -1)
        msgctl(server_queue, IPC_RMID, NULL);
    if (options.pid_file)
        pid_file_remove(&pid_file);
    if (signals_end != 0)
        reraise(signals_end);
    return ok && !(options.requests > 0 && workers_failed) ? 0 : 1;
}
