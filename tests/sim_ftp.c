/*
 * tests/sim_ftp.c -- msg/ftp in virtual time: all of its processes, as they
 * ship, over message queues that one number decides.
 *
 *     build/tests/sim_ftp SEED COUNT    that many conversations, from SEED on
 *     build/tests/sim_ftp SEED          only that one, and all that happens
 *
 * A conversation: up to three clients at once, each with its watchdog, get a
 * file, and are started again if they fail; a server forks workers for them,
 * is killed perhaps, and started again on the queue that it left. What is
 * real: the client and the worker from main on; of the server its queue, its
 * signals, its loop, its workers; and the client's files, in tmpfs. What is
 * made of functions: message queues, signals, fork, the socket pair to the
 * watchdog, exec. Each process is a context of ucontext(3). Which of them goes
 * on is drawn before each call, so that it may be stopped anywhere.
 *
 * After each conversation it must hold:
 *   - a client that says that it has the file has a whole one, also if it was
 *     written to meanwhile; one that fails has what was there before; and a
 *     worker says "sent" only of a file that is there;
 *   - nothing waits in one call for longer than its limit, and all end;
 *   - no queue and no temporary file is left, unless all who could remove it
 *     were killed;
 *   - where nothing is killed, nor fails, nor is slow, it succeeds.
 */
#define _GNU_SOURCE // O_PATH, O_TMPFILE, close_range
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "sim.h"

#define CLIENTS 3
#define RUNS 3       // of each client, until it succeeds
#define PROCESSES 64 // of a conversation
#define QUEUES 32
#define STACK 131072 // bytes
#define FILE_MAX 40000
#define VERSIONS 4 // of the file
#define KEY 1
#define FIRST_ID 100    // of a queue
#define FIRST_PID 1000  // of processes, counted up
#define FIRST_FD 100000 // of those that are simulated
#define USER 1000
#define NEVER INT64_MAX
#define SECOND INT64_C(1000000) // of virtual time

enum kind { CLIENT = 1, WATCHDOG, WORKER, SERVER };

struct message {
    struct message *next;
    long type;
    size_t size;
    uint8_t bytes[];
};

struct queue {
    bool removed;
    int owner;        // a watchdog's index; -1: the server's
    int64_t taken_at; // a worker has had the request; 0: none has
    struct msqid_ds about;
    struct message *first, **last;
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): by what belongs
struct process {
    enum kind kind;
    int client; // its index, the worker's too
    int parent; // index
    bool alive, started, reaped;
    bool ends_with_parent; // PR_SET_PDEATHSIG
    ucontext_t context;    // to start it
    jmp_buf jump;          // to go on
    char *stack;
    int status;       // as waitpid(2) has it
    const void *on;   // what it waits for; NULL: it can go on
    int64_t until;    // when it goes on all the same
    int64_t stopped;  // it does not run before that
    int64_t alarm_at; // SIGALRM
    int64_t alarm_every;
    int64_t lost;     // how long it was stopped
    unsigned pending; // signals
    bool blocked;     // all of them
    void (*cleanup)(void);
    int kill_at, kill_by; // after that many calls, by that signal
    bool mate;        // the other end of the socket pair is closed, or has sent
    int sent_id;      // what it has sent: a queue; 0: none yet
    char report[512]; // a worker's output
    int server, queue;   // and its arguments
    int64_t waits_since; // calls that were only interrupted; 0: none
    int64_t lost_since;
    int version;                 // of the file, when it began:
    int64_t begun;               // then
    int had;                     // what its TO was then, see kind_of()
    struct variables *variables; // of its program, while others run
};

static struct process processes[PROCESSES];
static struct queue queues[QUEUES];
static int process_count, queue_count;
static struct process *self; // that runs; NULL: none
static jmp_buf scheduler;
static int64_t time_us;

static struct {
    int clients;
    size_t message_max, queue_max; // bytes
    long client_timeout, worker_timeout;
    double stop, failing, interrupt; // probabilities, of a call
    bool easy;
} world;
static struct {
    uint64_t clients, succeeded, workers, servers, killed, messages, changed;
    double seconds;
} totals;

static uint64_t draw_bits(void)
{
    uint64_t x = seed * UINT64_C(0xd1342543de82ef95) + ++draws;

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9); // splitmix64
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    static const char *const names[] = {"", "client", "watchdog", "worker",
                                        "server"};
    va_list values;

    if (!verbose)
        return;
    printf("%11.6f ", (double)time_us / 1e6);
    if (self)
        printf("%s %d: ", names[self->kind],
               FIRST_PID + (int)(self - processes));
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    putchar('\n');
}

static void fail_conversation(const char *what)
{
    if (!failure)
        failure = what;
    say("FAILURE: %s", what);
}

// --- processes

static void touched(const void *what)
{
    for (int i = 0; i < process_count; i++)
        if (processes[i].on == what)
            processes[i].on = NULL;
}

// Not swapcontext(3), which asks the kernel for the signal mask each time.
static void leave(void)
{
    if (_setjmp(self->jump) == 0)
        _longjmp(scheduler, 1);
}

static void add_signal(struct process *p, int number)
{
    if (!p->alive)
        return;
    p->pending |= 1U << number;
    if (!p->blocked || number == SIGKILL)
        p->on = NULL;
}

static void check_sent(const struct process *worker);

static void process_ends(struct process *p, int status)
{
    struct process *parent = &processes[p->parent];

    p->alive = false;
    p->status = status;
    p->on = NULL;
    for (struct process *other = processes; other < processes + process_count;
         other++) {
        if (other->ends_with_parent && &processes[other->parent] == p)
            add_signal(other, SIGTERM);
        if (p->kind == CLIENT && other->kind == WATCHDOG &&
            &processes[other->parent] == p) {
            other->mate = true;
            touched(other);
        }
    }
    if (p->kind == WATCHDOG)
        parent->mate = true;
    if (parent != p && parent->kind == SERVER)
        add_signal(parent, SIGCHLD);
    touched(parent);
    if (p->kind == WORKER && status == 0)
        check_sent(p);
}

static _Noreturn void end_self(int status)
{
    process_ends(self, status);
    _longjmp(scheduler, 1);
}

static _Noreturn void end_exit(int status)
{
    if (self->cleanup)
        self->cleanup();
    end_self(status << 8);
}

static void handle_server_signal(int number);

static void take_signals(void)
{
    if (self->pending >> SIGKILL & 1) {
        totals.killed++;
        say("SIGKILL");
        end_self(SIGKILL);
    }
    if (self->blocked)
        return;
    for (int number = 1; number < 32; number++) {
        if ((self->pending >> number & 1) == 0)
            continue;
        self->pending &= ~(1U << number);
        if (self->kind == SERVER) {
            self->blocked = true; // sa_mask
            handle_server_signal(number);
            self->blocked = false;
        } else if (number == SIGTERM) {
            totals.killed++;
            say("SIGTERM");
            self->blocked = true;
            if (self->cleanup)
                self->cleanup();
            end_self(SIGTERM);
        }
    }
}

static void take_alarm(void)
{
    if (time_us < self->alarm_at)
        return;
    if (self->kind == SERVER)
        add_signal(self, SIGALRM);
    self->alarm_at =
        self->alarm_every ? self->alarm_at + self->alarm_every : NEVER;
    if (self->alarm_at <= time_us) // of several that come, one is kept
        self->alarm_at = time_us + self->alarm_every;
}

// Before each call: others run, signals come, or it is killed.
static void operation(void)
{
    if (self->kill_at > 0 && --self->kill_at == 0)
        add_signal(self, self->kill_by);
    if (draw_bool(world.stop)) {
        int64_t stop = draw_up_to(draw_bool(0.5) ? 3 : 15) * SECOND;
        self->stopped = time_us + stop;
        self->lost += stop;
        say("does not run for %d s", (int)(stop / SECOND));
        leave();
    } else if (draw_bool(0.4)) {
        leave();
    }
    take_alarm();
    take_signals();
}

// Until what is touched, or a signal comes: then true, EINTR.
static bool wait_for(const void *what)
{
    bool interrupted;

    self->on = what;
    self->until = self->alarm_at;
    if (draw_bool(world.interrupt)) {
        self->until = time_us + draw_up_to(SECOND);
        self->until =
            self->until < self->alarm_at ? self->until : self->alarm_at;
    }
    leave();
    interrupted = self->on != NULL || (self->pending != 0 && !self->blocked);
    self->on = NULL;
    self->until = NEVER;
    take_alarm();
    take_signals();
    return interrupted;
}

static struct process *start_process(enum kind kind, int client, int parent,
                                     void (*run)(void));
static void draw_death(struct process *p);

// --- what the programs call instead of the system

static int sim_getpid(void)
{
    return self ? FIRST_PID + (int)(self - processes) : 1;
}

static bool fails(int error)
{
    if (!draw_bool(world.failing))
        return false;
    say("it fails: %s", strerror(error));
    self->waits_since = 0;
    errno = error;
    return true;
}

static key_t sim_ftok(const char *path, int project)
{
    operation();
    return *path != '\0' && project != 0 ? KEY : -1;
}

static struct queue *queue_of(int id)
{
    int i = id - FIRST_ID;

    return i >= 0 && i < queue_count && !queues[i].removed ? &queues[i] : NULL;
}

static int sim_msgget(key_t key, int flags)
{
    operation();
    for (int i = 0; key == KEY && i < queue_count; i++) {
        if (queues[i].owner != -1 || queues[i].removed)
            continue;
        errno = EEXIST;
        return (flags & IPC_EXCL) != 0 ? -1 : FIRST_ID + i;
    }
    if (key == KEY && (flags & IPC_CREAT) == 0) {
        errno = ENOENT;
        return -1;
    }
    if ((key != KEY && fails(ENOSPC)) || queue_count == QUEUES) {
        errno = ENOSPC;
        return -1;
    }
    struct queue *q = &queues[queue_count];
    *q = (struct queue){.last = &q->first};
    q->owner = key == KEY ? -1 : (int)(self - processes);
    q->about.msg_perm.uid = q->about.msg_perm.cuid = USER;
    q->about.msg_perm.mode = (unsigned short)(flags & 0777);
    q->about.msg_qbytes = world.queue_max;
    q->about.msg_ctime = time_us / SECOND;
    return FIRST_ID + queue_count++;
}

static void remove_messages(struct queue *q)
{
    q->removed = true;
    while (q->first) {
        struct message *m = q->first;
        q->first = m->next;
        free(m);
    }
    touched(q);
}

static int sim_msgctl(int id, int command, struct msqid_ds *about)
{
    struct queue *q;

    operation();
    if (command == IPC_INFO) {
        *(struct msginfo *)about =
            (struct msginfo){.msgmax = (int)world.message_max};
        return QUEUES;
    }
    if (!(q = queue_of(id))) {
        errno = EINVAL;
        return -1;
    }
    if (command == IPC_STAT)
        *about = q->about;
    if (command == IPC_SET)
        q->about.msg_perm.mode = about->msg_perm.mode;
    if (command != IPC_RMID)
        return 0;
    say("removes queue %d", id);
    remove_messages(q);
    return 0;
}

static const char *name_of(long type)
{
    static const char *const names[] = {"DATA", "EOT",  "ERROR",
                                        "PATH", "DONE", "CALL"};

    return type >= 0x66747031 && type <= 0x66747036 ? names[type - 0x66747031]
                                                    : "a message";
}

static int put_message(struct queue *q, long type, const void *bytes, size_t n)
{
    struct message *m = malloc(sizeof *m + n);

    if (!m)
        err(1, "malloc");
    *m = (struct message){.type = type, .size = n};
    memcpy(m->bytes, bytes, n);
    *q->last = m;
    q->last = &m->next;
    q->about.msg_qnum++;
    q->about.__msg_cbytes += n;
    totals.messages++;
    touched(q);
    return 0;
}

static bool has_room(const struct queue *q, size_t n)
{
    return q->about.__msg_cbytes + n <= q->about.msg_qbytes &&
           q->about.msg_qnum + 1 <= q->about.msg_qbytes;
}

// EIDRM or EINTR; and however many of those, the limit holds.
static int interrupted_call(const struct queue *q)
{
    long limit =
        self->kind == CLIENT ? world.client_timeout : world.worker_timeout;

    if (self->waits_since == 0) {
        self->waits_since = time_us;
        self->lost_since = self->lost;
    }
    if (self->kind != SERVER &&
        time_us - self->waits_since - (self->lost - self->lost_since) >
            (limit + 1) * SECOND)
        fail_conversation("it waits for longer than its limit");
    errno = q->removed ? EIDRM : EINTR;
    return -1;
}

static int sim_msgsnd(int id, const void *msg, size_t n, int flags)
{
    struct queue *q;

    operation();
    if (!(q = queue_of(id)) || n > world.message_max) {
        errno = EINVAL;
        return -1;
    }
    if (fails(ENOMEM))
        return -1;
    while (!has_room(q, n)) {
        errno = EAGAIN;
        if (flags & IPC_NOWAIT)
            return -1;
        bool interrupted = wait_for(q);
        if (q->removed || (interrupted && !has_room(q, n)))
            return interrupted_call(q);
    }
    self->waits_since = 0;
    say("%s -> queue %d, %zu bytes", name_of(*(const long *)msg), id, n);
    return put_message(q, *(const long *)msg, (const long *)msg + 1, n);
}

// As msgrcv(2) looks for the type.
static struct message **find_message(struct queue *q, long type)
{
    struct message **found = NULL;

    for (struct message **m = &q->first; *m; m = &(*m)->next) {
        if (type >= 0 && (type == 0 || (*m)->type == type))
            return m;
        if (type < 0 && (*m)->type <= -type &&
            (!found || (*m)->type < (*found)->type))
            found = m;
    }
    return found;
}

static ssize_t sim_msgrcv(int id, void *msg, size_t room, long type, int flags)
{
    struct message **found;
    struct queue *q;

    operation();
    if (!(q = queue_of(id))) {
        errno = EINVAL;
        return -1;
    }
    while (!(found = find_message(q, type))) {
        errno = ENOMSG;
        if (flags & IPC_NOWAIT)
            return -1;
        bool interrupted = wait_for(q);
        if (q->removed || (interrupted && !find_message(q, type)))
            return interrupted_call(q);
    }
    self->waits_since = 0;
    struct message *m = *found;
    errno = E2BIG;
    if (m->size > room && (flags & MSG_NOERROR) == 0)
        return -1;
    *found = m->next;
    if (q->last == &m->next)
        q->last = found;
    size_t n = m->size < room ? m->size : room;
    *(long *)msg = m->type;
    memcpy((long *)msg + 1, m->bytes, n);
    q->about.msg_qnum--;
    q->about.__msg_cbytes -= m->size;
    q->about.msg_lrpid = sim_getpid();
    say("%s <- queue %d, %zu bytes", name_of(m->type), id, m->size);
    if (self->kind == WORKER && strcmp(name_of(m->type), "PATH") == 0)
        q->taken_at = time_us;
    free(m);
    touched(q);
    return (ssize_t)n;
}

static pid_t sim_waitpid(pid_t pid, int *status, int options)
{
    operation();
    for (;;) {
        bool some = false;
        for (struct process *p = processes; p < processes + process_count;
             p++) {
            if (&processes[p->parent] != self || p == self || p->reaped ||
                (pid != -1 && pid != FIRST_PID + (pid_t)(p - processes)))
                continue;
            some = true;
            if (p->alive)
                continue;
            p->reaped = true;
            *status = p->status;
            return FIRST_PID + (pid_t)(p - processes);
        }
        errno = ECHILD;
        if (!some)
            return -1;
        if (options & WNOHANG)
            return 0;
        wait_for(self); // restarted, SA_RESTART
    }
}

static pid_t parent_of_self(void)
{
    operation();
    return processes[self->parent].alive ? FIRST_PID + self->parent : 1;
}

static int sim_kill(pid_t pid, int number)
{
    add_signal(&processes[pid - FIRST_PID], number);
    return 0;
}

static int sim_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
    (void)set;
    if (old)
        sigemptyset(old);
    self->blocked = how == SIG_BLOCK;
    if (!self->blocked)
        take_signals();
    return 0;
}

static unsigned sim_alarm(unsigned seconds)
{
    self->alarm_at = time_us + seconds * SECOND;
    return 0;
}

// Sometimes only a part of the first piece, as where a signal comes: then it is
// called again, and may be killed between the two, or find the disk full.
static ssize_t sim_writev(int file, const struct iovec *pieces, int count)
{
    struct iovec first = *pieces;

    operation();
    if (fails(ENOSPC))
        return -1;
    if (draw_bool(0.1)) {
        first.iov_len = (size_t)draw_up_to((long)first.iov_len);
        return writev(file, &first, 1);
    }
    return writev(file, pieces, count);
}

// The socket pair: `mate` says that there is something to read, or the end.
static int sim_socketpair(int ends_of[2])
{
    if (fails(EMFILE))
        return -1;
    ends_of[0] = FIRST_FD;
    ends_of[1] = FIRST_FD + 1;
    self->mate = false;
    return 0;
}

static int sim_socket_close(int fd)
{
    for (struct process *p = processes; p < processes + process_count; p++)
        if (fd == FIRST_FD && self->kind == CLIENT && p->kind == WATCHDOG &&
            &processes[p->parent] == self) {
            p->mate = true;
            touched(p);
        }
    return 0;
}

static int sim_send_id(int socket, const int *id)
{
    (void)socket;
    operation();
    processes[self->parent].sent_id = *id;
    processes[self->parent].mate = true;
    touched(&processes[self->parent]);
    return processes[self->parent].alive ? 0 : (errno = EPIPE, -1);
}

static ssize_t sim_receive_id(int *id)
{
    operation();
    while (!self->mate)
        wait_for(self);
    *id = self->sent_id;
    return self->sent_id == 0 ? 0 : (ssize_t)sizeof *id;
}

static ssize_t sim_wait_end(int socket, const char *byte)
{
    (void)socket, (void)byte;
    operation();
    while (!self->mate)
        wait_for(self);
    return 0;
}

static pid_t sim_fork(enum kind kind, void (*run)(void))
{
    operation();
    if (fails(EAGAIN))
        return -1;
    struct process *p =
        start_process(kind, self->client, (int)(self - processes), run);
    return FIRST_PID + (pid_t)(p - processes);
}

// The file that is served: its time is virtual, too.
static int64_t served_changed;

static int sim_fstat(int file, struct stat *about)
{
    int result = fstat(file, about);

    about->st_mtim.tv_sec = served_changed / SECOND;
    about->st_mtim.tv_nsec = served_changed % SECOND * 1000;
    return result;
}

static __attribute__((format(printf, 1, 2))) int print(const char *format, ...)
{
    va_list values;

    operation();
    va_start(values, format);
    vsnprintf(self->report, sizeof self->report, format, values);
    va_end(values);
    say("prints %s", self->report);
    return 0;
}

#define getpid sim_getpid
#define isatty(fd) 0
#define msgget sim_msgget
#define msgctl sim_msgctl
#define msgsnd sim_msgsnd
#define msgrcv sim_msgrcv
#define waitpid sim_waitpid
#define kill sim_kill
#define sigprocmask sim_sigprocmask
#define alarm sim_alarm
#define fstat sim_fstat
#define geteuid() USER
#define ftok sim_ftok
#define unlinkat(...) (operation(), unlinkat(__VA_ARGS__))
#define linkat(...) (operation(), fails(ENOSPC) ? -1 : linkat(__VA_ARGS__))
#define renameat(...) (operation(), fails(EIO) ? -1 : renameat(__VA_ARGS__))

#define COMMON_TERMINATION_H
static void block_termination(void)
{
    self->blocked = true;
}

static void on_termination(void (*cleanup)(void))
{
    self->cleanup = cleanup;
    self->blocked = false;
    take_signals();
}

static void set_alarm(long seconds)
{
    self->alarm_at = time_us + seconds * SECOND;
    self->alarm_every = SECOND;
}

#include "../common/atomic_file.h"
#include "../common/beneath.h"
#include "../common/cksum.h"
#include "../common/printable.h"
#include "../common/program.h"
#include "../common/progress.h"
#define writev sim_writev
#include "../common/stream.h"
#undef writev
#include "../msg/ftp/ftp_queue.h"

#define program_start()
#define printf print
#define warnx say
#define warn say
#define errx(status, ...) (say(__VA_ARGS__), end_exit(status))
#define err(status, ...) (say(__VA_ARGS__), end_exit(status))

// The client, and its watchdog.
#include "../msg/ftp_client/transfer.c"

#define queue watchdog_queue
#define target watchdog_target
#define socketpair(family, type, protocol, fds) sim_socketpair(fds)
#define fork() sim_fork(WATCHDOG, run_watchdog)
#define close sim_socket_close
#define read(from, to, n) sim_wait_end(from, to)
#define read_full(from, id, size) sim_receive_id(id)
#define write_full(to, id, size) sim_send_id(to, id)
#define setsid()
#define signal(...)
#define _exit end_exit
static void run_watchdog(void);
#include "../msg/ftp_client/watchdog.c"
static void run_watchdog(void)
{
    watch(FIRST_FD + 1);
}
#undef queue
#undef target
#undef fork
#undef close
#undef read
#undef read_full
#undef write_full
#undef signal
#undef _exit

#define main client_main
#define static // so that main has no variable of the client before
#include "../msg/ftp_client/main.c"
#undef static
#undef main
#undef parse_options
#undef carry_out

// The worker, in the folder that is served.
#define transfer worker_transfer
#define fail worker_fail
#undef AT_FDCWD
#define AT_FDCWD root_folder
#include "../msg/ftp_worker/transfer.c"
#undef AT_FDCWD
#define AT_FDCWD (-100)
#undef MSG_FTP_CLIENT_TRANSFER_H
#define main worker_main
#define carry_out worker_carry_out
#define prctl(...) (operation(), self->ends_with_parent = true)
#define getppid() parent_of_self()
#define raise(number) (add_signal(self, number), take_signals())
#include "../msg/ftp_worker/main.c"
#undef main
#undef transfer
#undef raise

#undef err
#undef errx

// The server, but for its main, its files, and exec.
#include "../msg/ftp_server/exec_worker.h"
static pid_t fork_worker_of(const struct worker_task *task);
static ssize_t read_report(int fd, char *text, size_t room);
static int sim_pipe2(int fds[2]);
static ssize_t sim_readlink(const char *path, char *text, size_t room);
#define syslog(level, ...) say(__VA_ARGS__)
#define closelog()
#define readlink sim_readlink
#define pipe2(fds, flags) sim_pipe2(fds)
#define fork() fork_worker_of(task)
#define read read_report
#define close(fd)
#define wake wake_by_signal
#define end end_by_signal
#include "../msg/ftp_server/client_queue.c"
#include "../msg/ftp_server/serve.c"
#include "../msg/ftp_server/server_queue.c"
#include "../msg/ftp_server/signals.c"
#define count workers_now
#include "../msg/ftp_server/workers.c"
#undef count
#undef fork
#undef read
#undef close
#undef printf
#undef unlinkat
#undef linkat
#undef renameat
#undef err
#undef errx

_Noreturn void exec_worker(const struct worker_task *task)
{
    (void)task;
    abort(); // fork never returns 0 here
}

bool files_open(void)
{
    return true;
}

static void handle_server_signal(int number)
{
    say("signal %d", number);
    if (number == SIGALRM)
        kill_late_workers(number);
    else if (number == SIGCHLD)
        wake_by_signal(number);
    else
        end_by_signal(number);
}

static ssize_t sim_readlink(const char *path, char *text, size_t room)
{
    int pid = atoi(path + strlen("/proc/"));
    struct process *p = &processes[pid - FIRST_PID];

    if (pid < FIRST_PID || p->kind != SERVER || !p->alive)
        return -1;
    snprintf(text, room, "/build/msg/ftp_server");
    return (ssize_t)strlen(text);
}

static int sim_pipe2(int fds[2])
{
    operation();
    if (fails(EMFILE))
        return -1;
    fds[0] = fds[1] = process_count; // of the worker to come
    return 0;
}

static ssize_t read_report(int fd, char *text, size_t room)
{
    size_t n = strlen(processes[fd].report);

    operation();
    if (n > room)
        n = room;
    memcpy(text, processes[fd].report, n);
    return (ssize_t)n;
}

// --- what a process does

// Variables of a program, which each process of it has for itself.
struct variables {
    pid_t watchdog;
    int liveness, queue;
    const struct atomic_file *target;
    struct worker_transfer transfer;
};

static struct process *with_transfer; // whose is in memory; NULL: nobody's

static void load_variables(struct process *p)
{
    if (p->kind == WORKER && with_transfer != p) {
        if (with_transfer)
            with_transfer->variables->transfer = worker_transfer;
        worker_transfer = p->variables->transfer;
        with_transfer = p;
    }
    watchdog = p->variables->watchdog;
    liveness = p->variables->liveness;
    watchdog_queue = p->variables->queue;
    watchdog_target = p->variables->target;
}

static void save_variables(struct process *p)
{
    p->variables->watchdog = watchdog;
    p->variables->liveness = liveness;
    p->variables->queue = watchdog_queue;
    p->variables->target = watchdog_target;
}

static void run_client(void)
{
    char limit[8], to[8];
    char *arguments[] = {"ftp_client", "--limit", limit, "key",
                         "file",       to,        NULL};

    snprintf(limit, sizeof limit, "%ld", world.client_timeout);
    snprintf(to, sizeof to, "here/%d", self->client);
    optind = 0;
    end_exit(client_main(6, arguments));
}

static void run_worker(void)
{
    char parent[16], server[16], client[16], limit[8];
    char *arguments[] = {"ftp_worker", parent, server, client, limit, NULL};

    operation();
    if (fails(EPERM))
        end_exit(1);
    snprintf(parent, sizeof parent, "%d", FIRST_PID + self->parent);
    snprintf(server, sizeof server, "%d", self->server);
    snprintf(client, sizeof client, "%d", self->queue);
    snprintf(limit, sizeof limit, "%ld", world.worker_timeout);
    end_exit(worker_main(5, arguments));
}

static pid_t fork_worker_of(const struct worker_task *task)
{
    struct queue *q = queue_of(task->queue);
    pid_t pid = sim_fork(WORKER, run_worker);

    if (pid == -1)
        return -1;
    struct process *p = &processes[pid - FIRST_PID];
    p->server = server_queue;
    p->queue = task->queue;
    p->client = q && q->owner != -1 ? processes[q->owner].client : -1;
    totals.workers++;
    return pid;
}

// As its main, and as it is after exec.
static void run_server(void)
{
    memset(workers, 0, sizeof workers);
    workers_now = 0;
    server_queue = -1;
    signals_end = 0;
    workers_timeout_s = world.worker_timeout;
    if (server_queue_open("key"))
        serve(0);
    if (signals_end != 0)
        workers_kill(SIGTERM);
    while (workers_count() > 0)
        workers_reap(0);
    if (server_queue != -1)
        sim_msgctl(server_queue, IPC_RMID, NULL);
    end_exit(0);
}

// --- the scheduler

#ifdef __SANITIZE_ADDRESS__
void __asan_unpoison_memory_region(void const volatile *at, size_t n);
#endif

static struct process *start_process(enum kind kind, int client, int parent,
                                     void (*run)(void))
{
    struct process *p = &processes[process_count];

    if (process_count == PROCESSES)
        errx(1, "seed %" PRIu64 ": too many processes", seed);
    if ((!p->stack && !(p->stack = malloc(STACK))) ||
        (!p->variables && !(p->variables = malloc(sizeof *p->variables))))
        err(1, "malloc");
    *p = (struct process){.kind = kind,
                          .client = client,
                          .parent = parent == -1 ? process_count : parent,
                          .alive = true,
                          .begun = time_us,
                          .stack = p->stack,
                          .variables = p->variables,
                          .until = NEVER,
                          .alarm_at = NEVER};
    memset(p->variables, 0, sizeof *p->variables);
    p->variables->liveness = p->variables->queue = -1;
    if (kind == WATCHDOG) {
        p->variables->target = watchdog_target;
        p->blocked = true;
    }
#ifdef __SANITIZE_ADDRESS__
    __asan_unpoison_memory_region(p->stack, STACK);
#endif
    getcontext(&p->context);
    p->context.uc_stack.ss_sp = p->stack;
    p->context.uc_stack.ss_size = STACK;
    makecontext(&p->context, run, 0);
    process_count++;
    draw_death(p);
    return p;
}

static void run_process(struct process *p)
{
    self = p;
    load_variables(p);
    if (_setjmp(scheduler) == 0) {
        if (p->started)
            _longjmp(p->jump, 1);
        p->started = true;
        setcontext(&p->context);
    }
    save_variables(p);
    self = NULL;
}

// One that can go on, if there is one: any of them.
static struct process *draw_runnable(void)
{
    struct process *some[PROCESSES];
    int n = 0;

    for (struct process *p = processes; p < processes + process_count; p++)
        if (p->alive && p->stopped <= time_us &&
            (!p->on || p->until <= time_us))
            some[n++] = p;
    return n == 0 ? NULL : some[draw_up_to(n - 1)];
}

static int64_t next_wake(void)
{
    int64_t next = NEVER;

    for (struct process *p = processes; p < processes + process_count; p++) {
        int64_t when = !p->on || p->stopped > p->until ? p->stopped : p->until;
        if (p->alive && when < next)
            next = when;
    }
    return next;
}

static bool any_alive(bool with_server)
{
    for (int i = 0; i < process_count; i++)
        if (processes[i].alive && (with_server || processes[i].kind != SERVER))
            return true;
    return false;
}

// --- what is to happen

static struct {
    int64_t client_at[CLIENTS], server_at, change_at, stranger_at;
    int client[CLIENTS]; // the process; -1: none now
    int runs[CLIENTS], servers, server, strangers;
    double killing;
    bool ending;
} plan;

// --- the file

static uint8_t versions[VERSIONS][FILE_MAX],
    old_content[] = "what was there before\n";
static size_t sizes[VERSIONS];
static int version; // that is there

static void put_file(const char *path, const uint8_t *bytes, size_t n)
{
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    if (file == -1 || pwrite(file, bytes, n, 0) != (ssize_t)n ||
        ftruncate(file, (off_t)n) == -1 || close(file) == -1)
        err(1, "%s", path);
}

// The next version, in place: of the same length perhaps, and the beginning.
static void change_file(void)
{
    size_t same = version == 0 ? 0 : sizes[version - 1];
    size_t n =
        draw_bool(0.5) ? (size_t)draw_up_to(600) : (size_t)draw_up_to(FILE_MAX);

    if (n > 60 * world.message_max)
        n %= 60 * world.message_max;
    sizes[version] = version > 0 && draw_bool(0.6) ? same : n;
    for (size_t i = 0; i < sizes[version]; i++)
        versions[version][i] = (uint8_t)(draw_bits() >> 20);
    if (same > sizes[version])
        same = sizes[version];
    if (version > 0 && draw_bool(0.5))
        memcpy(versions[version], versions[version - 1],
               (size_t)draw_up_to((long)same));
    put_file("root/file", versions[version], sizes[version]);
    served_changed = time_us;
}

#define NOTHING (-1)
#define OLD (-2)
#define WRONG (-3)

// What that client's TO is: a version of the file, or one of these.
static int kind_of(int client)
{
    static uint8_t found[FILE_MAX + 1];
    char path[] = "here/0";

    path[5] = (char)('0' + client);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file == -1)
        return NOTHING;
    ssize_t n = read(file, found, sizeof found);
    close(file);
    for (int i = version; i >= 0; i--)
        if (n == (ssize_t)sizes[i] && memcmp(found, versions[i], sizes[i]) == 0)
            return i;
    return n == sizeof old_content - 1 &&
                   memcmp(found, old_content, sizeof old_content - 1) == 0
               ? OLD
               : WRONG;
}

static void check_sent(const struct process *worker)
{
    if (worker->client != -1 && kind_of(worker->client) < 0)
        fail_conversation("a worker says that a file was sent that is not");
}

static bool was_killed(const struct process *p)
{
    return WIFSIGNALED(p->status) && WTERMSIG(p->status) == SIGKILL;
}

// A worker of that queue was killed, and so was the server that would see it.
static bool worker_was_killed(const struct queue *q)
{
    for (const struct process *p = processes; p < processes + process_count;
         p++)
        if (p->kind == WORKER && p->queue == FIRST_ID + (int)(q - queues) &&
            was_killed(p) && was_killed(&processes[p->parent]))
            return true;
    return false;
}

static const struct queue *queue_of_client(const struct process *c)
{
    return c->sent_id == 0 ? NULL : &queues[c->sent_id - FIRST_ID];
}

static void check_client(const struct process *c)
{
    int has = kind_of(c->client);

    if (has == WRONG)
        fail_conversation("a wrong file has the name");
    if (c->status == 0 && has < c->version)
        fail_conversation("a wrong file is called right");
    if (WIFEXITED(c->status) && c->status != 0 && has != c->had)
        fail_conversation("a client that failed has changed its file");
    if (WIFSIGNALED(c->status) && has != c->had && has < c->version)
        fail_conversation("one that was killed has left something else");
    // A server that lives tells it, if its worker does not.
    const struct queue *q = queue_of_client(c);
    bool lives =
        plan.servers == 1 && plan.server != -1 && processes[plan.server].alive;
    bool is_taken = q && q->taken_at > 0 && !worker_was_killed(q);
    if (WIFEXITED(c->status) && c->status != 0 && world.stop == 0 &&
        world.failing == 0 && world.interrupt == 0 &&
        ((lives && time_us - c->begun > SECOND) ||
         (is_taken && time_us - q->taken_at > SECOND)))
        fail_conversation("it was not told that its worker has ended");
    if (world.easy && c->status != 0)
        fail_conversation("it failed though nothing happened");
}

static void check_nothing_left(void)
{
    for (int i = 0; i < queue_count; i++) {
        struct queue *q = &queues[i];
        if (q->removed)
            continue;
        if (q->owner == -1) {
            fail_conversation("the server's queue is left");
            remove_messages(q);
            continue;
        }
        struct process *dog = &processes[q->owner];
        struct process *client = &processes[dog->parent];
        bool all_killed =
            was_killed(dog) && (was_killed(client) || client->sent_id == 0);
        if (!all_killed || (q->taken_at > 0 && !worker_was_killed(q)))
            fail_conversation("a queue is left");
        remove_messages(q);
    }
    for (int i = 0; i < process_count; i++) {
        char path[48];
        if (processes[i].kind != WATCHDOG)
            continue;
        struct process *client = &processes[processes[i].parent];
        snprintf(path, sizeof path, "here/.atomic_file.%d",
                 FIRST_PID + (int)(client - processes));
        if (unlink(path) == 0 &&
            !(was_killed(&processes[i]) && was_killed(client)))
            fail_conversation("a temporary file is left");
    }
}

// --- a conversation

static int64_t draw_time(void)
{
    static const long most[] = {300, 3000, 30000, 1000000, 15000000};

    return draw_up_to(most[draw_up_to(4)]);
}

static void draw_world(void)
{
    static const size_t maxima[] = {8192, 8192, 8192, 1000, 200, 64};
    static const double rare[] = {0, 0, 0, 0.0005, 0.005};

    memset(&plan, 0, sizeof plan);
    world.message_max = maxima[draw_up_to(5)];
    world.queue_max = (size_t)draw_up_to(2) * world.message_max;
    if (world.queue_max == 0)
        world.queue_max = 64;
    world.clients = draw_bool(0.6) ? 1 : 1 + (int)draw_up_to(CLIENTS - 1);
    world.client_timeout = draw_bool(0.5) ? 10 : 1 + draw_up_to(9);
    world.worker_timeout = draw_bool(0.5) ? 10 : 1 + draw_up_to(9);
    world.stop = rare[draw_up_to(4)];
    world.failing = rare[draw_up_to(4)];
    world.interrupt = rare[draw_up_to(4)] * 10;
    plan.killing = draw_bool(0.5) ? 0 : 0.25;
    plan.strangers = draw_bool(0.7) ? 0 : 1 + (int)draw_up_to(3);
    plan.server = -1;
    plan.change_at = draw_bool(0.7) ? NEVER : draw_time();
    plan.stranger_at = draw_time();
    bool late = draw_bool(0.05); // the server
    world.easy = world.stop == 0 && world.failing == 0 &&
                 world.interrupt == 0 && plan.killing == 0 &&
                 plan.strangers == 0 && plan.change_at == NEVER && !late;
    plan.server_at = late ? draw_time() : 0;
    for (int i = 0; i < CLIENTS; i++) {
        plan.client[i] = -1;
        plan.client_at[i] = i < world.clients ? 10000 + draw_time() : NEVER;
    }
    if (verbose)
        printf("%d clients, messages of %zu bytes, queues of %zu, limits %ld "
               "and %ld s%s%s%s%s%s\n",
               world.clients, world.message_max, world.queue_max,
               world.client_timeout, world.worker_timeout,
               world.stop > 0 ? ", stops" : "",
               world.failing > 0 ? ", calls fail" : "",
               world.interrupt > 0 ? ", interruptions" : "",
               plan.killing > 0 ? ", kills" : "",
               plan.strangers > 0 ? ", strangers" : "");
}

static void draw_death(struct process *p)
{
    if (!draw_bool(plan.killing) || plan.ending)
        return;
    p->kill_at = 1 + (int)draw_up_to(draw_bool(0.5) ? 30 : 150);
    p->kill_by = p->kind == WATCHDOG || draw_bool(0.6) ? SIGKILL : SIGTERM;
}

// Another program of that user: a CALL once more, or anything.
static void call_again(void)
{
    static struct ftp_msg msg;
    struct ftp_message call = {.kind = FTP_CALL,
                               .queue = FIRST_ID +
                                        (uint32_t)draw_up_to(queue_count + 1)};
    size_t n = ftp_encode(&msg, &call);

    if (draw_bool(0.3)) {
        n = (size_t)draw_up_to((long)n);
        msg.mtype = draw_bool(0.5) ? 1 + draw_up_to(9) : FTP_DONE;
    }
    for (int i = 0; i < queue_count; i++)
        if (!queues[i].removed && queues[i].owner == -1 &&
            has_room(&queues[i], n))
            put_message(&queues[i], msg.mtype, &msg.head, n);
}

// The next time at which something begins.
static int64_t next_event(void)
{
    int64_t next = plan.server_at;

    for (int i = 0; i < CLIENTS; i++)
        if (plan.client_at[i] < next)
            next = plan.client_at[i];
    if (plan.strangers > 0 && plan.stranger_at < next)
        next = plan.stranger_at;
    return plan.change_at < next ? plan.change_at : next;
}

static void begin_events(void)
{
    if (plan.server_at <= time_us) {
        plan.server_at = NEVER;
        plan.servers++;
        totals.servers++;
        plan.server =
            (int)(start_process(SERVER, -1, -1, run_server) - processes);
    }
    for (int i = 0; i < world.clients; i++) {
        if (plan.client_at[i] > time_us)
            continue;
        plan.client_at[i] = NEVER;
        plan.runs[i]++;
        totals.clients++;
        struct process *p = start_process(CLIENT, i, -1, run_client);
        p->version = version;
        p->had = kind_of(i);
        plan.client[i] = (int)(p - processes);
    }
    if (plan.change_at <= time_us) {
        version++;
        change_file();
        say("the file is changed");
        totals.changed++;
        plan.change_at = version == VERSIONS - 1 || draw_bool(0.4)
                             ? NEVER
                             : time_us + draw_time();
    }
    if (plan.strangers > 0 && plan.stranger_at <= time_us) {
        plan.strangers--;
        plan.stranger_at = time_us + draw_time();
        call_again();
    }
}

// What has ended is looked at, and started again.
static void after_ends(void)
{
    for (int i = 0; i < world.clients; i++) {
        const struct process *p =
            plan.client[i] == -1 ? NULL : &processes[plan.client[i]];
        if (!p || p->alive)
            continue;
        plan.client[i] = -1;
        check_client(p);
        totals.succeeded += p->status == 0;
        if (p->status != 0 && plan.runs[i] < RUNS)
            plan.client_at[i] = time_us + draw_time();
    }
    if (plan.server != -1 && !processes[plan.server].alive) {
        bool killed = was_killed(&processes[plan.server]);
        plan.server = -1;
        if (plan.servers < 3 || (plan.ending && killed))
            plan.server_at = time_us + draw_time();
    }
}

static bool is_over(void)
{
    for (int i = 0; i < CLIENTS; i++)
        if (plan.client[i] != -1 || plan.client_at[i] != NEVER)
            return false;
    return !any_alive(false);
}

static void run_all(void)
{
    for (int steps = 0; !failure && !(plan.ending && plan.server_at == NEVER &&
                                      !any_alive(true));
         steps++) {
        if (steps > 1000000)
            fail_conversation("it goes round");
        if (time_us >= next_event())
            begin_events();
        struct process *p = draw_runnable();
        if (p) {
            time_us += draw_up_to(30);
            run_process(p);
            after_ends();
            continue;
        }
        int64_t next = next_wake() < next_event() ? next_wake() : next_event();
        if (is_over() && !plan.ending) {
            // What was left is answered by another server; then it ends.
            plan.ending = true;
            plan.change_at = NEVER;
            plan.strangers = 0;
            if (plan.server == -1)
                plan.server_at = time_us;
            else
                add_signal(&processes[plan.server], SIGTERM);
            plan.servers = 3;
            for (int i = 0; i < process_count; i++)
                processes[i].kill_at = 0;
        } else if (plan.ending && plan.server != -1 && next == NEVER) {
            add_signal(&processes[plan.server], SIGTERM);
        } else if (next == NEVER) {
            fail_conversation("an end waits for ever");
        } else if (next > time_us) {
            time_us = next;
        }
    }
}

static void converse(void)
{
    char path[] = "here/0";

    time_us = SECOND * 1000;
    draws = 0;
    failure = NULL;
    process_count = queue_count = version = 0;
    with_transfer = NULL;
    draw_world();
    for (int i = 0; i < CLIENTS; i++)
        if (plan.client_at[i] != NEVER)
            plan.client_at[i] += time_us;
    plan.server_at += time_us;
    plan.stranger_at += time_us;
    if (plan.change_at != NEVER)
        plan.change_at += time_us;
    change_file();
    served_changed = 0;
    for (int i = 0; i < world.clients; i++) {
        path[5] = (char)('0' + i);
        if (draw_bool(0.3))
            put_file(path, old_content, sizeof old_content - 1);
    }
    run_all();
    check_nothing_left();
    totals.seconds += (double)time_us / 1e6 - 1000;

    for (int i = 0; i < CLIENTS; i++) {
        path[5] = (char)('0' + i);
        unlink(path);
    }
    close_range(4, ~0U, 0);
}

int main(int argc, char *argv[])
{
    if (!sim_start(argc, argv, "sim_ftp"))
        return 2;
    const uint64_t failed = sim_run();
    printf("%" PRIu64 " conversations, %" PRIu64 " failed: %" PRIu64
           " clients, of which %" PRIu64 " succeeded, %" PRIu64
           " servers, %" PRIu64 " workers, %" PRIu64 " killed, %" PRIu64
           " changes of the file, %" PRIu64 " messages, in %.0f hours\n",
           sim_count, failed, totals.clients, totals.succeeded, totals.servers,
           totals.workers, totals.killed, totals.changed, totals.messages,
           totals.seconds / 3600);
    unlink("root/file");
    sim_end();
    return failed > 0;
}
