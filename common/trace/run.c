/*
 * common/trace/run.c -- the commands, under strace(1): see run.h.
 */
#define _GNU_SOURCE // pipe2
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

// The calls of the lessons. A question mark: not on every machine.
static const char traced[] =
    "trace=?msgget,?msgsnd,?msgrcv,?msgctl,?semget,?semop,?semtimedop,?semctl,"
    "?shmget,?shmat,?shmdt,?shmctl,?mq_open,?mq_timedsend,?mq_timedreceive,"
    "?mq_unlink,?mq_notify,?mq_getsetattr,?pipe,?pipe2,?open,?openat,?mknod,"
    "?mknodat,?unlink,?unlinkat,?close,?dup,?dup2,?dup3,?fcntl,?read,?readv,"
    "?pread64,?preadv2,?write,?writev,?pwrite64,?splice,?tee,?vmsplice,"
    "?socket,?socketpair,?bind,?listen,?accept,?accept4,?connect,?shutdown,"
    "?sendto,?sendmsg,?sendmmsg,?recvfrom,?recvmsg,?recvmmsg,?getsockname,"
    "?fork,?vfork,?clone,?clone3,?execve,?wait4,?waitid,?kill,?tgkill,?poll,"
    "?ppoll,?select,?pselect6,?epoll_wait,?epoll_pwait,?rt_sigtimedwait,"
    "?nanosleep,?clock_nanosleep,?pause,?rt_sigsuspend,?futex,?mmap,"
    "?eventfd2,?rt_sigaction,?restart_syscall,?exit,?exit_group";

#define CHECKPOINTS_MAX 20

struct command {
    pid_t strace;
    int lines_fd;  // what strace says: a FIFO, which it opens itself
    int output_fd; // what the command prints
    char *line;
    size_t length;
    size_t room;
    char said[8]; // how a line of output begins
    size_t said_length;
};

static struct command commands_run[COMMANDS_MAX];
static char folder[] = "/tmp/trace.XXXXXX";

static void path_of(int i, char *path, size_t size)
{
    snprintf(path, size, "%s/%d", folder, i + 1);
}

// Without exec the shell would be one more process; with more than one command
// in it, it is needed.
static void start(struct command *c, int i, const char *command)
{
    char path[64];
    char shell[4096];
    int ends[2];

    path_of(i, path, sizeof path);
    snprintf(shell, sizeof shell, "%s%s",
             strpbrk(command, ";|&\n(") ? "" : "exec ", command);
    if (mkfifo(path, 0600) == -1)
        err(1, "mkfifo %s", path);
    c->lines_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (c->lines_fd == -1)
        err(1, "%s", path);
    if (pipe2(ends, O_CLOEXEC) == -1)
        err(1, "pipe2");

    c->strace = fork();
    if (c->strace == -1)
        err(1, "fork");
    if (c->strace == 0) {
        const int dev_null = open("/dev/null", O_RDONLY);
        if (setpgid(0, 0) == -1 || dup2(dev_null, STDIN_FILENO) == -1 ||
            dup2(ends[1], STDOUT_FILENO) == -1 ||
            dup2(ends[1], STDERR_FILENO) == -1)
            err(1, "dup2");
        // It would look for leaks by a tracer of its own.
        setenv("ASAN_OPTIONS", "detect_leaks=0", 0);
        execlp("strace", "strace", "-f", "-q", "-ttt", "-T", "-yy", "-s", "160",
               "-e", traced, "-o", path, "sh", "-c", shell, (char *)NULL);
        err(1, "strace, which shows the calls (sh common/setup.sh installs "
               "it)");
    }
    close(ends[1]);
    c->output_fd = ends[0];
}

// Lines of strace, whole ones, as calls.
static void take_line(struct command *c, int i, struct calls *calls,
                      const char *bytes, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (c->length + 2 > c->room) {
            c->room = c->room ? 2 * c->room : 4096;
            c->line = realloc(c->line, c->room);
            if (!c->line)
                err(1, "realloc");
        }
        if (bytes[k] != '\n') {
            c->line[c->length++] = bytes[k];
            continue;
        }
        c->line[c->length] = '\0';
        calls_read_line(calls, i, c->line);
        c->length = 0;
    }
}

// Whether a line of output begins with `ready`.
static bool says_ready(struct command *c, const char *bytes, size_t n)
{
    bool ready = false;

    for (size_t k = 0; k < n; k++) {
        if (bytes[k] == '\n')
            c->said_length = 0;
        else if (c->said_length < 5)
            c->said[c->said_length++] = bytes[k];
        ready =
            ready || (c->said_length == 5 && memcmp(c->said, "ready", 5) == 0);
    }
    return ready;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Send it to all that a strace of ours traces, and not to strace, which would
// end without a word about them.
static void signal_traced(int number)
{
    for (int i = 0; i < COMMANDS_MAX; i++) {
        pid_t pids[64];
        const int n = commands_run[i].strace > 0
                          ? traced_by(commands_run[i].strace, pids, 64)
                          : 0;
        for (int k = 0; k < n; k++)
            kill(pids[k], number);
    }
}

// Whether one of these calls can change what an object holds.
static bool changes(const struct calls *calls, size_t from)
{
    static const char *const names[] = {"msg",  "sem",   "shm",  "write",
                                        "send", "pipe2", "recv", "splice"};

    for (size_t i = from; i < calls->count; i++)
        for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
            if (strncmp(calls->call[i].name, names[k], strlen(names[k])) == 0)
                return true;
    return false;
}

// What the kernel holds now; not again and again, but while it changes.
static void look(struct checkpoints *checkpoints, int started)
{
    pid_t straces[COMMANDS_MAX];
    int count = 0;

    if (!checkpoints || checkpoints->count >= CHECKPOINTS_MAX)
        return;
    for (int i = 0; i < started; i++)
        if (commands_run[i].lines_fd != -1)
            straces[count++] = commands_run[i].strace;
    checkpoint_take(checkpoints, straces, count);
}

static void remove_folder(void)
{
    for (int i = 0; i < COMMANDS_MAX; i++) {
        char path[64];
        path_of(i, path, sizeof path);
        unlink(path);
    }
    rmdir(folder);
}

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    interrupted = number;
}

// Read what there is. Returns false once there will be no more of it.
static bool read_from(int *fd, char *bytes, size_t size, ssize_t *n)
{
    *n = read(*fd, bytes, size);
    if (*n > 0 || (*n == -1 && (errno == EAGAIN || errno == EINTR)))
        return true;
    close(*fd);
    *fd = -1;
    return false;
}

// What to wait for: of each command the lines of strace, and its output. False
// if there will be no more of either.
static bool set_fds(struct pollfd *fds, int count)
{
    bool open = false;

    for (int i = 0; i < count; i++) {
        const struct command *c = &commands_run[i];
        *fds++ = (struct pollfd){c->lines_fd, POLLIN, 0};
        *fds++ = (struct pollfd){c->output_fd, POLLIN, 0};
        open = open || c->lines_fd != -1 || c->output_fd != -1;
    }
    return open;
}

// Read what has come. Returns whether the first command says that it is ready.
static bool read_all(const struct pollfd *fds, int count, struct calls *calls)
{
    static char bytes[65536];
    bool ready = false;

    for (int i = 0; i < count; i++) {
        struct command *c = &commands_run[i];
        ssize_t n;
        const bool lines_came = fds++->revents;
        if (fds++->revents &&
            read_from(&c->output_fd, bytes, sizeof bytes, &n) && n > 0)
            ready = (i == 0 && says_ready(c, bytes, (size_t)n)) || ready;
        // strace has ended with the output. poll does not say so of its lines
        // if it never opened their FIFO.
        if (c->lines_fd != -1 && (lines_came || c->output_fd == -1) &&
            read_from(&c->lines_fd, bytes, sizeof bytes, &n) && n > 0)
            take_line(c, i, calls, bytes, (size_t)n);
    }
    return ready;
}

static void prepare_to_run(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};

    if (!mkdtemp(folder))
        err(1, "%s", folder);
    atexit(remove_folder);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    for (int i = 0; i < COMMANDS_MAX; i++)
        commands_run[i].lines_fd = commands_run[i].output_fd = -1;
}

static void reap(int started)
{
    for (int i = 0; i < started; i++) {
        while (waitpid(commands_run[i].strace, NULL, 0) == -1)
            if (errno != EINTR)
                err(1, "waitpid");
        free(commands_run[i].line);
    }
}

bool run_commands(char *const commands[], int count, long limit_s,
                  struct calls *calls, struct checkpoints *checkpoints)
{
    struct pollfd fds[2 * COMMANDS_MAX];
    int started = 1;
    int asked = 0; // to end
    bool ready = false;

    prepare_to_run();
    int64_t end_ms = now_ms() + limit_s * 1000;
    start(&commands_run[0], 0, commands[0]);
    while (set_fds(fds, count)) {
        const int64_t left = end_ms - now_ms();
        const int changed =
            poll(fds, 2 * (nfds_t)count, left > 0 ? (int)left : 0);
        if (interrupted && asked == 0)
            end_ms = 0;
        if (changed <= 0 && now_ms() >= end_ms) {
            signal_traced(asked++ == 0 ? SIGTERM : SIGKILL);
            end_ms = now_ms() + 1000;
        }
        const size_t before = calls->count;
        if (changed > 0 && read_all(fds, count, calls))
            ready = true;
        if (started == count && changes(calls, before))
            look(checkpoints, started);
        for (; ready && started < count; started++)
            start(&commands_run[started], started, commands[started]);
    }
    reap(started);
    return started == count;
}
