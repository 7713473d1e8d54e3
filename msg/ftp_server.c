/*
 * msg/ftp_server.c -- serve the files of a folder over message queues.
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
 * Read:    msgrcv(2), msgctl(2), fork(2), setresuid(2), initgroups(3),
 *          fexecve(3), daemon(7), syslog(3)
 */
#define _GNU_SOURCE // setresuid, pipe2, MSG_STAT_ANY
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "../common/compat.h"
#include "../common/daemon.h"
#include "../common/drop_privileges.h"
#include "../common/ending.h"
#include "../common/pid_file.h"
#include "../common/printable.h"
#include "../common/program.h"
#include "ftp/ftp_message.h"

#define WORKERS_MAX 64 // at once; further calls wait in the queue
#define WAKE 1 // type of an empty message, from a signal handler to main

struct worker {
    volatile pid_t pid; // 0: none
    int report;         // its standard output and error
    int queue;          // its client's
    uid_t uid;
    time_t since; // when that queue was made: another one may get its id
};

static struct worker workers[WORKERS_MAX];
static int busy; // how many there are

static int queue = -1;
static int root = -1;    // the folder
static int program = -1; // the worker
static char limit[8];    // its limit, in seconds
static char root_path[PATH_MAX];

static volatile sig_atomic_t ended_by; // a signal
static volatile sig_atomic_t reopen_wanted;

// -- signals ------------------------------------------------------------------

static void kill_workers(int number)
{
    for (int i = 0; i < WORKERS_MAX; i++)
        if (workers[i].pid > 0)
            kill(workers[i].pid, number);
}

// msgrcv may be just about to block when a signal comes, and would not notice.
// So the handler sends a message: either it interrupts, or there is something
// to receive. If the queue is full, there is as well.
static void wake_up(int number)
{
    int error = errno;
    const long wake = WAKE;

    if (number == SIGHUP)
        reopen_wanted = 1;
    msgsnd(queue, &wake, 0, IPC_NOWAIT);
    errno = error;
}

// The same without a message: what is not there cannot be waited for.
static void end_serving(int number)
{
    int error = errno;

    ended_by = number;
    kill_workers(SIGTERM);
    alarm(2);
    msgctl(queue, IPC_RMID, NULL);
    errno = error;
}

static void end_at_once(int number)
{
    (void)number;
    kill_workers(SIGKILL);
    alarm(1);
}

static void handle(int number, void (*handler)(int))
{
    // SA_RESTART is for waitpid. msgrcv is interrupted whatever one says.
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};

    sigfillset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

// -- who is it? ---------------------------------------------------------------

// As IPC_STAT, also of a queue that only others may read. Root may always, but
// not in a container that took CAP_IPC_OWNER away; there, look through all.
static int look_at(int id, struct msqid_ds *about)
{
    if (msgctl(id, IPC_STAT, about) != -1)
        return 0;
    if (errno != EACCES)
        return -1;

    struct msginfo info;
    int highest = msgctl(0, MSG_INFO, (struct msqid_ds *)&info);
    for (int i = 0; i <= highest; i++)
        if (msgctl(i, MSG_STAT_ANY, about) == id)
            return 0;
    errno = EINVAL;
    return -1;
}

// Why not to serve the owner of that queue; NULL if there is no reason.
static const char *refusal(const struct ipc_perm *p)
{
    // uid can be given away, by IPC_SET. Who made the queue stays what it was,
    // and keeps the right to read it. So look at cuid, and have nothing to do
    // with queues that have been passed on.
    if (p->uid != p->cuid)
        return "its queue was given away";
    // What is in it must come from its owner, and go nowhere else.
    if ((p->mode & 0077) != 0)
        return "its queue is open to others";
    if (geteuid() != 0 && p->cuid != geteuid())
        return "not the user that the server runs as";
    return NULL;
}

// -- the worker ---------------------------------------------------------------

// In the child. What it prints is logged.
static _Noreturn void exec_worker(const struct worker *w, gid_t gid, int output,
                                  pid_t server)
{
    if (dup2(output, STDOUT_FILENO) == -1 || dup2(output, STDERR_FILENO) == -1)
        _exit(1);
    // The folder while we may still enter it; whether that user may, the kernel
    // looks at with every path. After this, nothing is opened but by him.
    if (fchdir(root) == -1 || !drop_privileges(w->uid, gid)) {
        warn("cannot become user %d", (int)w->uid);
        _exit(1);
    }
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing == -1 || dup2(nothing, STDIN_FILENO) == -1)
        _exit(1);

    setsid(); // without a terminal: ^C there is for the server to hear
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); // no set-user-ID program from here
    prctl(PR_SET_PDEATHSIG, SIGTERM);       // if the server is killed
    if (getppid() != server)                // or has been, just now
        _exit(1);

    char ids[2][16];
    snprintf(ids[0], sizeof ids[0], "%d", queue);
    snprintf(ids[1], sizeof ids[1], "%d", w->queue);
    char *arguments[] = {"ftp_worker", ids[0], ids[1], limit, NULL};
    char *environment[] = {NULL};
    // All of ours are close-on-exec; but who knows what was left open for us.
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    fexecve(program, arguments, environment);
    warn("ftp_worker");
    _exit(1); // not exit: what it would tidy up is the server's
}

static void start_worker(int client, const struct msqid_ds *about)
{
    int ends[2];
    sigset_t all;
    sigset_t before;
    int i = 0;
    while (workers[i].pid != 0)
        i++;

    // Not blocking: a worker must not wait for us, nor we for it.
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1) {
        syslog(LOG_ERR, "pipe: %s", strerror(errno));
        return;
    }
    workers[i] = (struct worker){
        .report = ends[0],
        .queue = client,
        .uid = about->msg_perm.cuid,
        .since = about->msg_ctime,
    };
    // No signal between fork and the note of it; and none in the child while it
    // still has our handlers.
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    pid_t server = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        const int handled[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGALRM};
        for (size_t k = 0; k < sizeof handled / sizeof *handled; k++)
            signal(handled[k], SIG_DFL);
        sigprocmask(SIG_SETMASK, &before, NULL);
        exec_worker(&workers[i], about->msg_perm.cgid, ends[1], server);
    }
    if (pid > 0) {
        workers[i].pid = pid;
        busy++;
    } else {
        syslog(LOG_ERR, "fork: %s", strerror(errno));
        close(ends[0]);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
}

// A worker that was killed could not tell its client: remove that queue. If it
// is still the same one.
static void wake_client(const struct worker *w)
{
    struct msqid_ds about;

    if (look_at(w->queue, &about) != -1 && about.msg_perm.cuid == w->uid &&
        about.msg_ctime == w->since)
        msgctl(w->queue, IPC_RMID, NULL);
}

// Log what a worker says that has ended, if there is one. With 0 for options,
// wait for it.
static bool reap(int options)
{
    char text[512] = "";
    int outcome;
    int i = 0;

    pid_t pid = waitpid(-1, &outcome, options);
    if (pid <= 0)
        return false;
    while (i < WORKERS_MAX && workers[i].pid != pid)
        i++;
    if (i == WORKERS_MAX)
        return true; // a child of whatever program we were before an exec

    struct worker *w = &workers[i];
    w->pid = 0;
    busy--;
    ssize_t n = read(w->report, text, sizeof text - 1);
    close(w->report);
    if (n > 0 && text[n - 1] == '\n')
        text[n - 1] = '\0';
    printable(text); // there is a path in it: no line break may become a line

    if (WIFSIGNALED(outcome)) {
        syslog(LOG_WARNING,
               "queue %d, uid %d: the worker was ended by signal %d", w->queue,
               (int)w->uid, WTERMSIG(outcome));
        wake_client(w);
    } else {
        syslog(outcome == 0 ? LOG_INFO : LOG_NOTICE, "queue %d, uid %d: %s",
               w->queue, (int)w->uid, text);
    }
    return true;
}

// -- the server ---------------------------------------------------------------

// Whether that process is one of us. A zombie has no such link any more.
static bool is_server(pid_t pid)
{
    char link[32];
    char path[PATH_MAX] = "";

    snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
    return pid > 0 && pid != getpid() &&
           readlink(link, path, sizeof path - 1) > 0 &&
           strstr(path, "/ftp_server");
}

// The queue that belongs to the file. It may be there already, a killed
// server's and with calls in it - or somebody's who knows the file as well as
// we do.
static bool open_queue(const char *file)
{
    // Root is called by everybody; but nobody may see who else calls.
    const int mode = geteuid() == 0 ? 0622 : 0600;
    struct msqid_ds about;

    key_t key = ftok(file, IPC_PROJECT);
    int id = key == -1 ? -1 : msgget(key, IPC_CREAT | IPC_EXCL | mode);
    if (id == -1 && key != -1 && errno == EEXIST) {
        id = msgget(key, 0);
        if (id == -1 || look_at(id, &about) == -1) {
            warn("the queue of %s", file);
            return false;
        }
        if (about.msg_perm.cuid != geteuid() ||
            about.msg_perm.uid != geteuid()) {
            warnx("the queue of %s belongs to user %d: ipcrm -q %d", file,
                  (int)about.msg_perm.cuid, id);
            return false;
        }
        // Who received last: nobody else may, so it was a server.
        if (is_server(about.msg_lrpid)) {
            warnx("process %d serves %s already", (int)about.msg_lrpid, file);
            return false;
        }
        about.msg_perm.mode = (unsigned short)mode;
        msgctl(id, IPC_SET, &about);
    }
    if (id == -1) {
        warn("%s", file);
        return false;
    }

    // Receive something, so that the queue knows us as its last receiver.
    long wake;
    queue = id;
    wake_up(0);
    msgrcv(queue, &wake, 0, WAKE, IPC_NOWAIT | MSG_NOERROR);
    return true;
}

// The folder, and the worker that lies beside our own program.
static bool open_files(void)
{
    char path[PATH_MAX + 16] = "";

    int folder = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder == -1) {
        syslog(LOG_ERR, "%s: %s", root_path, strerror(errno));
        return false;
    }
    if (root != -1)
        close(root);
    root = folder;

    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
    char *name = n > 0 ? strrchr(path, '/') : NULL;
    if (name)
        memcpy(name, "/ftp_worker", sizeof "/ftp_worker");
    int file = open(path, O_PATH | O_CLOEXEC);
    if (file == -1) {
        syslog(LOG_ERR, "%s: %s", path, strerror(errno));
        return false;
    }
    if (program != -1)
        close(program);
    program = file;
    return true;
}

// Somebody calls: to which queue, that is all there is to know.
static void answer(const struct ftp_message *call)
{
    struct msqid_ds about;
    int client = (int)call->queue;

    if (look_at(client, &about) == -1) {
        syslog(LOG_NOTICE, "queue %u: refused: %s", call->queue,
               strerror(errno));
        return;
    }
    const char *reason = refusal(&about.msg_perm);
    if (reason)
        syslog(LOG_NOTICE, "queue %d, uid %d: refused: %s", client,
               (int)about.msg_perm.cuid, reason);
    else
        start_worker(client, &about);
}

// Until it is ended, or has answered so many calls. False if it cannot go on.
static bool serve(long requests)
{
    for (long started = 0;
         ended_by == 0 && (requests == 0 || started < requests);) {
        struct ftp_msg msg;
        struct ftp_message call;

        ssize_t n = msgrcv(queue, &msg, FTP_SIZE_MAX, 0, MSG_NOERROR);
        int error = errno;
        if (ended_by != 0)
            return true;
        while (reap(WNOHANG))
            ;
        if (reopen_wanted) {
            reopen_wanted = 0;
            closelog(); // the next line of the log opens it again
            syslog(LOG_NOTICE, open_files() ? "reopened" : "still what it was");
        }
        if (n == -1 && error == EINTR)
            continue;
        if (n == -1) {
            syslog(LOG_ERR, "the server's queue: %s", strerror(error));
            return false;
        }
        if (msg.mtype == WAKE && n == 0)
            continue;
        if (!ftp_decode(&call, &msg, (size_t)n) || call.kind != FTP_CALL) {
            syslog(LOG_NOTICE, "skipped %zd bytes: not a call", n);
            continue;
        }
        while (busy == WORKERS_MAX)
            reap(0);
        answer(&call);
        started++;
    }
    return true;
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] =
        "ftp_server [--daemon] [--pid-file FILE] [--limit SECONDS] "
        "[--requests COUNT] ROOT KEYFILE";
    const struct option options[] = {
        {"daemon", no_argument, NULL, 'd'},
        {"limit", required_argument, NULL, 'l'},
        {"pid-file", required_argument, NULL, 'p'},
        {"requests", required_argument, NULL, 'r'},
        {0},
    };
    bool daemonize = false;
    const char *pid_path = NULL;
    long seconds = 10;
    long requests = 0;
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option == 'd')
            daemonize = true;
        else if (option == 'p')
            pid_path = optarg;
        else if (!(option == 'l' && parse_long(optarg, 1, 3600, &seconds)) &&
                 !(option == 'r' && parse_long(optarg, 1, 1000000, &requests)))
            return usage(argc, argv, synopsis);
    if (argc - optind != 2)
        return usage(argc, argv, synopsis);

    int ready = -1;
    if (daemonize) {
        pid_t child = daemon_fork(&ready);
        if (child == -1)
            err(1, "fork");
        if (child > 0)
            return daemon_outcome(ready);
    }
    openlog("ftp_server", LOG_PID | LOG_PERROR, LOG_FTP);
    snprintf(limit, sizeof limit, "%ld", seconds);

    if (!realpath(argv[optind], root_path))
        err(1, "%s", argv[optind]);
    if (!open_files())
        return 1;
    struct pid_file pid_file;
    if (pid_path) {
        pid_t holder = pid_file_take(&pid_file, pid_path);
        if (holder == -1)
            err(1, "%s", pid_path);
        if (holder > 0)
            errx(1, "process %d has %s", (int)holder, pid_path);
    }
    handle(SIGCHLD, wake_up);
    handle(SIGALRM, end_at_once);
    handle(SIGINT, end_serving);
    handle(SIGTERM, end_serving);
    handle(SIGHUP,
           daemonize ? wake_up
                     : end_serving); // a daemon has no terminal to lose
    bool failed = !open_queue(argv[optind + 1]);

    if (!failed) {
        printf("ready on %s\n", argv[optind + 1]);
        if (daemonize && daemon_ready(ready) == -1)
            err(1, "daemon");
        failed = !serve(requests);
    }

    if (ended_by != 0)
        kill_workers(SIGTERM); // one more may have started meanwhile
    while (busy > 0)
        reap(0);
    if (queue != -1)
        msgctl(queue, IPC_RMID, NULL);
    if (pid_path)
        pid_file_remove(&pid_file);
    if (ended_by != 0)
        end_by(ended_by);
    return failed ? 1 : 0;
}
