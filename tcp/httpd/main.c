/*
 * tcp/httpd/main.c -- a web server: files, and scripts under /cgi-bin/.
 *
 * Shows:   All of this suite at work: a process for each connection, or a pool
 *          of them; memory they share, to say what they do; a pipe from each
 *          script; sockets with time limits; signals; permissions.
 *
 *          With --inetd it serves one connection, which is already there. A
 *          request is text. Its lines end in CR and LF.
 *
 * Run:     $ build/tcp/httpd --inetd build/tcp/www <build/tcp/www/request.txt
 *
 * Prints:  HTTP/1.1 200 OK<CR>
 *          Last-Modified: <when><CR>
 *          ETag: <tag><CR>
 *          Accept-Ranges: bytes<CR>
 *          Content-Type: text/plain; charset=utf-8<CR>
 *          Content-Length: 30<CR>
 *          Date: <now><CR>
 *          Connection: close<CR>
 *          <CR>
 *          Hello, you on the other side.
 *
 * Read:    request.c, serve.c, file.c, cgi.c, master.c; tcp/httpd.md has a map
 */
#define _GNU_SOURCE // O_PATH, close_range, initgroups
#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <nss.h>
#endif

#include "../../common/address.h"
#include "../../common/compat.h"
#include "../../common/daemon.h"
#include "../../common/drop_privileges.h"
#include "../../common/pid_file.h"
#include "../../common/program.h"
#include "../../common/termination.h"
#include "listen.h"
#include "log.h"
#include "master.h"
#include "slots.h"
#include "worker.h"

static const char synopsis[] =
    "httpd [--workers N] [--connections N] [--timeout SECONDS] [--log FILE]\n"
    "             [--body-max BYTES] [--output-max BYTES]\n"
    "             [--user NAME] [--daemon] [--pid FILE] ADDRESS PORT ROOT\n"
    "       httpd --inetd [--timeout SECONDS] [--log FILE]\n"
    "             [--body-max BYTES] [--output-max BYTES] ROOT";

struct arguments {
    bool inetd, daemon;
    long workers, connections, timeout_s;
    long body_max, output_max; // bytes
    const char *log, *user, *pid;
    const char *address, *port, *root;
};

static bool parse_arguments(struct arguments *a, int argc, char *argv[])
{
    const struct option options[] = {
        {"workers", required_argument, NULL, 'w'},
        {"connections", required_argument, NULL, 'c'},
        {"timeout", required_argument, NULL, 't'},
        {"log", required_argument, NULL, 'l'},
        {"body-max", required_argument, NULL, 'b'},
        {"output-max", required_argument, NULL, 'o'},
        {"user", required_argument, NULL, 'u'},
        {"pid", required_argument, NULL, 'p'},
        {"daemon", no_argument, NULL, 'd'},
        {"inetd", no_argument, NULL, 'i'},
        {0},
    };
    int option;

    *a = (struct arguments){.connections = 512,
                            .timeout_s = 10,
                            .body_max = 1L << 20, // as nginx has it
                            .output_max = 64L << 20};
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        switch (option) {
        case 'w':
            if (!parse_long(optarg, 0, 10000, &a->workers))
                return false;
            break;
        case 'c':
            if (!parse_long(optarg, 1, 10000, &a->connections))
                return false;
            break;
        case 't':
            if (!parse_long(optarg, 1, 3600, &a->timeout_s))
                return false;
            break;
        case 'b':
            if (!parse_long(optarg, 0, LONG_MAX, &a->body_max))
                return false;
            break;
        case 'o':
            if (!parse_long(optarg, 1, LONG_MAX, &a->output_max))
                return false;
            break;
        case 'l':
            a->log = optarg;
            break;
        case 'u':
            a->user = optarg;
            break;
        case 'p':
            a->pid = optarg;
            break;
        case 'd':
            a->daemon = true;
            break;
        case 'i':
            a->inetd = true;
            break;
        default:
            return false;
        }
    if (argc - optind != (a->inetd ? 1 : 3) || a->workers > a->connections)
        return false;
    if (a->inetd && (a->daemon || a->user || a->pid || a->workers > 0))
        return false;
    a->address = argv[optind];
    a->port = argv[optind + 1];
    a->root = argv[argc - 1];
    return true;
}

// /dev/null, but not as 0, 1 or 2, if we are started without one of these: else
// a file of ours would become it.
static int open_dev_null(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd == -1)
        err(1, "/dev/null");
    return fd;
}

// This program is linked statically, see the Makefile. The C library has the
// code to look names up in files, and by DNS, in itself; whatever else this
// machine is set up to ask would be loaded at run time, into a program that is
// not made for that.
static void look_up_in_files(void)
{
#ifdef __GLIBC__
    __nss_configure_lookup("hosts", "files dns");
    __nss_configure_lookup("passwd", "files");
    __nss_configure_lookup("group", "files");
    __nss_configure_lookup("initgroups", "files");
#endif
}

// Permanently: the saved user id is changed, too.
static void become_user(const char *name)
{
    const struct passwd *user = getpwnam(name);

    if (!user)
        errx(1, "%s: no such user", name);
    if (geteuid() == user->pw_uid)
        return;
    if (!drop_privileges(user->pw_uid, user->pw_gid))
        err(1, "cannot become %s", name);
    // A process that was root is closed to its user in /proc; but scripts are
    // found there, see script.c.
    prctl(PR_SET_DUMPABLE, 1);
}

// One process needs 32: the server's own, and for a script a pipe, a
// pidfd, a body, the file, its directory, and those that lead there.
static void check_descriptors(void)
{
    const rlim_t least = 32;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < least)
        errx(1, "%ld descriptors at most are too few, see ulimit -n",
             (long)limit.rlim_cur);
}

int main(int argc, char *argv[])
{
    program_start();
    static char root_path[PATH_MAX];
    struct arguments a;
    struct pid_file pid_file;
    int starter = -1; // the pipe to it

    if (!parse_arguments(&a, argc, argv))
        return usage(argc, argv, synopsis);
    look_up_in_files();
    check_descriptors();
    close_range(STDERR_FILENO + 1, ~0U, 0); // inherited
    if (a.daemon) {
        pid_t child = daemon_fork(&starter);
        if (child == -1)
            err(1, "fork");
        if (child > 0)
            return daemon_outcome(starter);
    }

    struct server server = {
        .dev_null = open_dev_null(),
        .workers = a.workers,
        .timeout_ms = a.timeout_s * 1000,
        .body_max = (uint64_t)a.body_max,
        .output_max = (uint64_t)a.output_max,
    };
    server.root = open(a.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (server.root == -1)
        err(1, "%s", a.root);
    server.root_path = realpath(a.root, root_path);
    if (!server.root_path)
        err(1, "%s", a.root);
    if (a.log && log_open(a.log) == -1)
        err(1, "%s", a.log);
    signal(SIGPIPE, SIG_IGN); // a client may go away while we write to it
    tzset();                  // it reads a file: once here, or in each child

    if (a.inetd) {
        listen_options(STDIN_FILENO, server.timeout_ms);
        int ended_by = worker_serve_inetd(&server);
        if (ended_by != 0)
            reraise(ended_by);
        return 0;
    }

    server.listener = open_listener(a.address, a.port, server.timeout_ms);
    pid_t holder = a.pid ? pid_file_take(&pid_file, a.pid) : 0;
    if (holder == -1)
        err(1, "%s", a.pid);
    if (holder > 0)
        errx(1, "%s: process %d is running already", a.pid, (int)holder);
    if (a.user)
        become_user(a.user);
    if (slots_make(a.connections) == -1)
        err(1, "no memory");

    int signals = master_begin(&server);
    if (printf("ready on http://%s\n", address_bound(server.listener).text) <
        0) {
        if (a.pid)
            pid_file_remove(&pid_file);
        return 1; // program_start says why; the workers end with their parent
    }
    if (a.daemon && daemon_ready(starter) == -1)
        err(1, "daemon");

    int ended_by = master_run(&server, signals);
    if (a.pid)
        pid_file_remove(&pid_file);
    reraise(ended_by);
}
