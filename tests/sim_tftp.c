/*
 * tests/sim_tftp.c -- tftp in virtual time: both ends, as they ship, over a
 * network that one number decides.
 *
 *     build/tests/sim_tftp SEED COUNT    that many conversations, from SEED on
 *     build/tests/sim_tftp SEED          only that one, and all that happens
 *
 * A conversation: a client fetches or stores a file, is killed perhaps, and
 * started again, up to RUNS times; so is the server. What is real: all of
 * udp/tftp but its sockets, the client's request and files, the server's
 * request, transfers and files; in tmpfs. What is made of functions: the
 * network (struct tftp_net), the clock, and processes: each end is a context of
 * ucontext(3) that runs until it waits for a datagram.
 *
 * After each conversation it must hold:
 *   - what an end calls right is the file, byte by byte, and a name that is
 *     there is that of a whole file;
 *   - both ends have ended, in a time that follows from their limits;
 *   - a datagram that has come before brings forth one datagram at most;
 *   - where little is lost and nobody dies, it succeeds at once.
 */
#define _GNU_SOURCE // O_PATH, O_TMPFILE, close_range
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "../common/address.h"
#include "../udp/relay/delay_queue.h"
#include "../udp/relay/impairments.c"
#include "../udp/tftp/tftp_io.h"
#include "../udp/tftp/tftp_validation.h"
#include "sim.h"

#define RUNS 4        // of the client, until it succeeds
#define ENDS 40       // the client, and transfers of the server
#define STACK 131072  // bytes
#define SEEN 4096     // datagrams that an end remembers
#define PACKET 1200   // bytes
#define SERVER 69     // ports: the server's,
#define CLIENTS 1000  // those of clients,
#define CHILDREN 2000 // and of transfers, counted up
#define FILE_MAX 12000

// --- the ends

struct datagram {
    struct delayed queued; // the first member
    unsigned from, to;     // ports
    bool unreachable;      // not a datagram: nothing listens on `from`
    struct datagram *next;
    uint8_t bytes[PACKET];
};

struct end {
    ucontext_t context; // to start it
    jmp_buf jump;       // to go on
    char *stack;
    bool started, alive, waits;
    bool refused; // ECONNREFUSED is pending
    unsigned port;
    int64_t wake; // when a wait is over
    int crash_at; // that many operations from time_us; 0: it does not
    int status;
    pid_t pid;
    bool by_signal;
    // For "one datagram for a duplicate":
    bool strict;   // in lock step, or with sack
    bool only_old; // what was read last had all come before,
    unsigned old;  // so many datagrams
    unsigned sent; // since then
    uint64_t seen[SEEN];
    int seen_count;
    int memory_count;
    void *memory[8];
    struct datagram *first, **last; // that have arrived
    struct datagram *read, *given;  // by read(), by next() since
};

static struct end ends[ENDS];
static struct end *self; // that runs; NULL: none
static jmp_buf scheduler;
static int64_t time_us;

static struct {
    double impaired[IMPAIRMENTS];
    double late;            // probability: after seconds
    double stall;           // of a read: the end does not run for a while
    int64_t outage[2];      // nothing arrives
    int64_t server_dead[2]; // the whole server
    bool put, netascii, plain, undetected;
    unsigned known; // options, to the server
    long window, block, timeout;
    int crashes; // of the client
    bool crash_children;
    bool easy;
} world;

static struct {
    uint64_t runs, succeeded, datagrams, lost, doubled, corrupted, crashes;
    uint64_t resumed, children;
    double seconds;
} totals;

static uint64_t draw_bits(void)
{
    return impairments_hash(seed * 0x100000001b3 + impairments_hash(++draws));
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    va_list values;

    if (!verbose)
        return;
    printf("%10.6f ", (double)time_us / 1e6);
    if (self)
        printf("%u ", self->port);
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    putchar('\n');
}

static void fail(const char *what)
{
    if (!failure)
        failure = what;
    say("FAILURE: %s", what);
}

// Not swapcontext(3), which asks the kernel for the signal mask each time.
static void end_leave(void)
{
    if (_setjmp(self->jump) == 0)
        _longjmp(scheduler, 1);
}

static void (*client_cleanup)(void); // at its exit, and when a signal ends it
static bool signals_blocked;

static void end_dies(struct end *e)
{
    e->alive = e->waits = false;
}

// Each call that leaves something behind: an end may be killed before it.
static void operation(void)
{
    if (!self || self->crash_at == 0 || --self->crash_at > 0)
        return;
    if (self->by_signal && signals_blocked) {
        self->crash_at = 1; // when it is unblocked, or a little later
        return;
    }
    totals.crashes++;
    say("%s", self->by_signal ? "SIGTERM" : "SIGKILL");
    if (self->by_signal && self == &ends[0] && client_cleanup)
        client_cleanup();
    end_dies(self);
    end_leave();
}

// --- what the programs call instead of the system

static void *end_memory(void *memory)
{
    if (self->memory_count == 8)
        errx(1, "an end takes more memory than expected");
    return self->memory[self->memory_count++] = memory;
}

static void *sim_malloc(size_t n)
{
    return end_memory(malloc(n));
}

static void *sim_calloc(size_t n, size_t size)
{
    return end_memory(calloc(n, size));
}

static pid_t sim_waitpid(pid_t pid, int *outcome, int options)
{
    (void)options;
    for (int i = 1; i < ENDS; i++)
        if (ends[i].pid == pid && ends[i].alive)
            return 0;
    if (outcome)
        *outcome = 0;
    return pid;
}

static int sim_kill(pid_t pid, int number)
{
    (void)number;
    for (int i = 1; i < ENDS; i++)
        if (ends[i].pid == pid)
            end_dies(&ends[i]);
    return 0;
}

// A part of it, if the end is killed now.
static ssize_t sim_writev(int file, const struct iovec *pieces, int n)
{
    if (self->crash_at == 1 && n > 0 && !(self->by_signal && signals_blocked))
        if (write(file, pieces->iov_base,
                  (size_t)draw_up_to((long)pieces->iov_len)) == -1)
            fail("write");
    operation();
    return writev(file, pieces, n);
}

#define malloc sim_malloc
#define calloc sim_calloc
#define waitpid sim_waitpid
#define kill sim_kill
#define writev sim_writev
#define ftruncate(...) (operation(), ftruncate(__VA_ARGS__))
#define fsync(...) (operation(), fsync(__VA_ARGS__))
#define linkat(...) (operation(), linkat(__VA_ARGS__))
#define renameat(...) (operation(), renameat(__VA_ARGS__))
#define unlinkat(...) (operation(), unlinkat(__VA_ARGS__))

#define COMMON_TERMINATION_H
static void block_termination(void)
{
    signals_blocked = true;
}

static void unblock_termination(void)
{
    signals_blocked = false;
}

static void on_termination(void (*cleanup)(void))
{
    client_cleanup = cleanup;
    signals_blocked = false;
}

#define UDP_TFTP_TFTP_SOCKETS_H
struct tftp_sockets {
    struct tftp_net net; // the first member
    struct sockaddr_storage peer;
    unsigned peer_port, last_from;
    bool peer_known;
    struct tftp_validation *validation;
    bool plain;
    uint64_t sent;
};

static struct sockaddr_storage address_of(unsigned port)
{
    struct sockaddr_storage address = {0};
    struct sockaddr_in *a = (struct sockaddr_in *)&address;

    a->sin_family = AF_INET;
    a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a->sin_port = htons((uint16_t)port);
    return address;
}

static unsigned port_of(const struct sockaddr_storage *address)
{
    return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

static socklen_t tftp_sockets_length(const struct sockaddr_storage *address)
{
    return sizeof *address;
}

static bool tftp_sockets_same_host(const struct sockaddr_storage *a,
                                   const struct sockaddr_storage *b)
{
    return a->ss_family == b->ss_family; // there is one host
}

static int tftp_sockets_open(struct tftp_sockets *s,
                             const struct sockaddr_storage *here,
                             const struct sockaddr_storage *peer,
                             bool peer_known);

#include "../udp/tftp_client/files.c"
#include "../udp/tftp_client/partial.c"
#include "../udp/tftp_client/request.c"
#include "../udp/tftp_server/request.c"
#include "../udp/tftp_server/root_file.c"
#include "../udp/tftp_server/serve.c"
#include "../udp/tftp_server/transfers.c"

#undef malloc
#undef calloc
#undef writev
#undef ftruncate
#undef fsync
#undef linkat
#undef renameat
#undef unlinkat

// The server's log: what it says is not looked at.
void log_line(struct log *log, const char *format, ...)
{
    va_list values;

    (void)log;
    if (!verbose)
        return;
    printf("%10.6f %u log: ", (double)time_us / 1e6,
           self ? self->port : SERVER);
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    putchar('\n');
}

// --- the network

static struct delay_queue under_way;
static struct datagram *unused;
static uint32_t transmitted[2]; // in each direction

static struct datagram *datagram_take(void)
{
    struct datagram *d = unused;

    if (d)
        unused = d->next;
    else if (!(d = malloc(sizeof *d)))
        err(1, "malloc");
    return d;
}

static void datagram_drop(struct datagram *d)
{
    d->next = unused;
    unused = d;
}

static void name_packet(char text[64], const uint8_t *bytes, size_t n)
{
    static const char *const names[] = {"?",   "RRQ",   "WRQ", "DATA",
                                        "ACK", "ERROR", "OACK"};
    unsigned opcode = n >= 4 ? tftp_get16(bytes) : 0;
    unsigned number = opcode >= 3 && opcode <= 5 ? tftp_get16(bytes + 2) : 0;

    snprintf(text, 64, "%s %u (%zu bytes)", names[opcode < 7 ? opcode : 0],
             number, n);
}

static void arrive_at(struct datagram *d, int64_t when)
{
    d->queued.due_us = when;
    if (!delay_queue_put(&under_way, &d->queued))
        errx(1, "seed %" PRIu64 ": too many datagrams under way", seed);
}

// What the network does to one datagram.
static void transmit(unsigned from, unsigned to, const uint8_t *bytes, size_t n)
{
    unsigned direction = from >= CLIENTS && from < CHILDREN ? 0 : 1;
    struct impaired i = impairments_draw(world.impaired, seed, 0, direction,
                                         transmitted[direction]++);
    bool dark = time_us >= world.outage[0] && time_us < world.outage[1];

    if (n > PACKET)
        errx(1, "seed %" PRIu64 ": a datagram of %zu bytes", seed, n);
    totals.datagrams++;
    if (verbose) {
        char name[64];
        name_packet(name, bytes, n);
        say("-> %u %s%s%s%s", to, name, dark || i.by[LOSS] ? ", lost" : "",
            i.by[DUPLICATE] ? ", twice" : "",
            i.by[UNDETECTED] ? ", corrupted" : "");
    }
    if (dark || i.by[LOSS]) {
        totals.lost++;
        return;
    }
    int copies = i.by[DUPLICATE] ? 2 : 1;
    totals.doubled += copies == 2;
    for (int copy = 0; copy < copies; copy++) {
        struct datagram *d = datagram_take();
        int64_t delay = copy == 0 ? i.delay_us : i.copy_delay_us;
        d->from = from;
        d->to = to;
        d->unreachable = false;
        d->queued.size = n;
        memcpy(d->bytes, bytes, n);
        if (i.by[UNDETECTED] && copy == 0) {
            size_t where[2];
            change_two_words(d->bytes, n, i.noise, where);
            totals.corrupted++;
        }
        if (world.late > 0 && draw_bool(world.late))
            delay += draw_up_to(6000000);
        arrive_at(d, time_us + delay);
    }
}

// Nothing listens there: ICMP says so, if that is not lost.
static void unreachable(const struct datagram *about)
{
    struct datagram *d;

    if (draw_bool(world.impaired[LOSS]))
        return;
    d = datagram_take();
    d->from = about->to;
    d->to = about->from;
    d->unreachable = true;
    arrive_at(d, time_us + (int64_t)world.impaired[DELAY]);
}

static int64_t sim_now(struct tftp_net *net)
{
    (void)net;
    return time_us;
}

static int sim_send(struct tftp_net *net, const uint8_t *packets, size_t size,
                    unsigned n, size_t last)
{
    struct tftp_sockets *s = (struct tftp_sockets *)net;
    size_t bytes = (n - 1) * size + last;

    operation();
    if (s->validation && !net->accepted) {
        if (!tftp_validation_allows(s->validation, s->plain, s->sent, bytes))
            return 0;
        s->sent += bytes;
    }
    if (self->refused) {
        self->refused = false;
        errno = ECONNREFUSED;
        return -1;
    }
    for (unsigned i = 0; i < n; i++) {
        self->sent++;
        transmit(self->port, s->peer_port, packets + i * size,
                 i + 1 < n ? size : last);
        operation();
    }
    return 0;
}

static void end_wait(int64_t until)
{
    self->wake = until;
    self->waits = true;
    end_leave();
    self->waits = false;
}

// Whether the end has had this very datagram before.
static bool is_old(struct end *e, const struct datagram *d)
{
    uint64_t hash = d->queued.size + d->from * UINT64_C(0x100000001b3) + 1;

    for (size_t i = 0; i < d->queued.size; i++)
        hash = (hash ^ d->bytes[i]) * UINT64_C(0x100000001b3);
    hash |= hash == 0;
    if (e->seen_count == SEEN / 2)
        return false;
    for (uint64_t i = hash;; i++) {
        uint64_t *at = &e->seen[i % SEEN];
        if (*at == hash)
            return true;
        if (*at == 0) {
            *at = hash;
            e->seen_count++;
            return false;
        }
    }
}

// They must not be used any more: make that visible.
static void give_up_datagrams(struct end *e)
{
    while (e->given) {
        struct datagram *d = e->given;
        e->given = d->next;
        memset(d->bytes, 0xee, sizeof d->bytes);
        datagram_drop(d);
    }
    while (e->read) {
        struct datagram *d = e->read;
        e->read = d->next;
        datagram_drop(d);
    }
}

static int sim_read(struct tftp_net *net, int64_t wait_us)
{
    struct datagram **end;
    int n = 0;

    operation();
    if (self->only_old && self->strict && self->sent > self->old)
        fail("a duplicate brought forth more than one datagram");
    give_up_datagrams(self);
    if (world.stall > 0 && draw_bool(world.stall))
        for (int64_t until = time_us + draw_up_to(3000000); time_us < until;)
            end_wait(until);
    if (!self->first && !self->refused && wait_us > 0)
        end_wait(time_us + wait_us);
    operation();
    self->sent = self->old = 0;
    self->only_old = false;
    if (self->refused) {
        self->refused = false;
        errno = ECONNREFUSED;
        return -1;
    }
    self->only_old = self->first && wait_us > 0; // no timer is due
    end = &self->read;
    for (; self->first && n < (int)net->batch; n++) {
        struct datagram *d = self->first;
        self->first = d->next;
        if (!self->first)
            self->last = &self->first;
        d->next = NULL;
        *end = d;
        end = &d->next;
        self->only_old &= is_old(self, d);
        self->old++;
    }
    net->more = self->first != NULL;
    return n;
}

static bool sim_next(struct tftp_net *net, uint8_t **datagram, size_t *n)
{
    struct tftp_sockets *s = (struct tftp_sockets *)net;
    struct datagram *d;

    while ((d = self->read)) {
        self->read = d->next;
        d->next = self->given;
        self->given = d;
        if (!s->peer_known || d->from == s->peer_port) {
            s->last_from = d->from;
            *datagram = d->bytes;
            *n = d->queued.size;
            return true;
        }
        if (d->queued.size < TFTP_HEADER || tftp_get16(d->bytes) == TFTP_ERROR)
            continue;
        uint8_t error[32];
        size_t size = tftp_put_error(
            error, d->queued.size < 10 ? 3 * d->queued.size : sizeof error,
            TFTP_ERROR_UNKNOWN_TID, "Unknown transfer ID");
        self->sent++;
        transmit(self->port, d->from, error, size);
    }
    return false;
}

static int sim_accept(struct tftp_net *net)
{
    struct tftp_sockets *s = (struct tftp_sockets *)net;

    net->accepted = true;
    if (s->validation)
        atomic_store(&s->validation->done, true);
    if (!s->peer_known)
        s->peer_port = s->last_from;
    s->peer_known = true;
    return 0;
}

static int tftp_sockets_open(struct tftp_sockets *s,
                             const struct sockaddr_storage *here,
                             const struct sockaddr_storage *peer,
                             bool peer_known)
{
    static const unsigned batches[] = {1, 1, 4, 64}; // datagrams in one read

    (void)here;
    *s = (struct tftp_sockets){
        .net = {.now = sim_now,
                .send = sim_send,
                .read = sim_read,
                .next = sim_next,
                .accept = sim_accept,
                .batch = batches[seed % 4]},
        .peer = *peer,
        .peer_port = port_of(peer),
        .peer_known = peer_known,
    };
    return 0;
}

// --- processes

static void (*end_main)(void);

static void end_enter(void)
{
    end_main();
    end_dies(self);
    end_leave();
}

static void end_run(struct end *e)
{
    self = e;
    if (_setjmp(scheduler) == 0) {
        if (e->started)
            _longjmp(e->jump, 1);
        e->started = true;
        setcontext(&e->context);
    }
    self = NULL;
}

#ifdef __SANITIZE_ADDRESS__
void __asan_unpoison_memory_region(void const volatile *at, size_t n);
#endif

static void end_start(struct end *e, unsigned port, void (*run)(void))
{
    if (!e->stack && !(e->stack = malloc(STACK)))
        err(1, "malloc");
#ifdef __SANITIZE_ADDRESS__
    __asan_unpoison_memory_region(e->stack, STACK);
#endif
    *e = (struct end){.stack = e->stack, .port = port, .alive = true};
    e->last = &e->first;
    getcontext(&e->context);
    e->context.uc_stack.ss_sp = e->stack;
    e->context.uc_stack.ss_size = STACK;
    makecontext(&e->context, end_enter, 0);
    end_main = run;
}

static void end_forget(struct end *e)
{
    give_up_datagrams(e);
    while (e->first) {
        struct datagram *d = e->first;
        e->first = d->next;
        datagram_drop(d);
    }
    for (int i = 0; i < e->memory_count; i++)
        free(e->memory[i]);
    e->memory_count = 0;
}

// The server: what server.c and listener.c do, without their sockets and fork.
static struct transfers transfers;
static struct request requests[ENDS]; // one for each child
static unsigned children;
static struct cksum request_sum;

static void child_main(void)
{
    static struct log log = {.file = 1};
    long i = self - ends;

    self->strict = true;
    struct request *r = &requests[i];
    if (tftp_options_has(&r->options, TFTP_OPTION_WINDOWSIZE) &&
        !tftp_options_has(&r->options, TFTP_OPTION_SACK))
        self->strict = false; // see RFC 7440: go back N
    serve(r, &transfers.validation[self->status], root_folder, true, &log);
}

static void serve_request(struct datagram *d)
{
    static struct request r;
    const char *refusal;
    int i = 1;

    r.n = d->queued.size;
    memcpy(r.datagram, d->bytes, r.n < sizeof r.datagram ? r.n : 0);
    r.from = address_of(d->from);
    r.here = address_of(SERVER);
    if (!request_read(&r, &request_sum, &refusal))
        return;
    if (refusal) {
        uint8_t error[128];
        size_t max = 3 * r.n < sizeof error ? 3 * r.n : sizeof error;
        transmit(SERVER, d->from, error,
                 tftp_put_error(error, max, TFTP_ERROR_ILLEGAL, refusal));
        return;
    }
    r.options.set &= world.known;
    uint32_t sum = tftp_crc(&request_sum, 0, r.datagram, r.n);
    transfers_reap(&transfers);
    if (transfers_repeated(&transfers, &r.from, sum, r.n) ||
        !transfers_may_begin(&transfers, &r.from, r.options.set == 0))
        return;
    int slot = transfers_slot(&transfers);
    while (i < ENDS && (ends[i].alive || ends[i].pid != 0))
        i++;
    if (slot == -1 || i == ENDS)
        return; // busy
    atomic_store(&transfers.validation[slot].bytes, (unsigned)r.n);
    atomic_store(&transfers.validation[slot].requests, 1);
    atomic_store(&transfers.validation[slot].done, false);

    totals.children++;
    requests[i] = r;
    const char *text = (const char *)r.datagram;
    requests[i].packet.path += (const char *)requests[i].datagram - text;
    requests[i].packet.mode += (const char *)requests[i].datagram - text;
    end_start(&ends[i], CHILDREN + children++, child_main);
    ends[i].pid = (pid_t)children;
    ends[i].status = slot;
    if (world.crash_children && draw_bool(0.3))
        ends[i].crash_at = 1 + (int)draw_up_to(40);
    transfers.at[slot] = (struct transfer){.pid = ends[i].pid,
                                           .plain = r.options.set == 0,
                                           .request = sum,
                                           .since = time_us,
                                           .from = r.from};
    end_run(&ends[i]);
}

static void deliver(struct datagram *d)
{
    bool dead =
        time_us >= world.server_dead[0] && time_us < world.server_dead[1];

    for (int i = 0; i < ENDS; i++) {
        struct end *e = &ends[i];
        if (!e->alive || e->port != d->to)
            continue;
        if (d->unreachable) {
            e->refused = true;
            datagram_drop(d);
        } else {
            d->next = NULL;
            *e->last = d;
            e->last = &d->next;
        }
        if (e->waits)
            end_run(e);
        return;
    }
    if (d->to == SERVER && !dead && !d->unreachable)
        serve_request(d);
    else if (!d->unreachable)
        unreachable(d);
    datagram_drop(d);
}

static bool any_alive(bool all)
{
    for (int i = 0; i < (all ? ENDS : 1); i++)
        if (ends[i].alive)
            return true;
    return false;
}

// One is alive.
static struct end *next_to_wake(void)
{
    struct end *next = NULL;

    for (int i = 0; i < ENDS; i++)
        if (ends[i].alive && (!next || ends[i].wake < next->wake))
            next = &ends[i];
    return next;
}

static void kill_server(void)
{
    for (int i = 1; i < ENDS; i++)
        end_dies(&ends[i]); // end_with(parent) of their real ones
    say("the server is killed");
    world.server_dead[0] = INT64_MIN;
}

// Until the client has ended, and, all: the server's transfers, too.
static void run_ends(bool all, int64_t limit)
{
    for (int steps = 0;; steps++) {
        if (!any_alive(all))
            return;
        struct end *next = next_to_wake();
        if (time_us > limit || steps > 2000000) {
            fail(time_us > limit ? "an end does not end" : "it goes round");
            return;
        }
        if (under_way.count > 0 && under_way.heap[0]->due_us <= next->wake) {
            struct delayed *w = delay_queue_take(&under_way);
            time_us = w->due_us > time_us ? w->due_us : time_us;
            deliver((struct datagram *)w);
        } else {
            time_us = next->wake > time_us ? next->wake : time_us;
            end_run(next);
        }
        if (time_us >= world.server_dead[0] && world.server_dead[0] > 0)
            kill_server();
    }
}

// --- the client, as its main.c

static struct client client;
static enum tftp_state client_end;

static void client_main(void)
{
    struct client *c = &client;
    struct tftp_transfer *t = &c->transfer;
    const struct sockaddr_storage server = address_of(SERVER);

    c->arguments = (struct arguments){.put = world.put,
                                      .netascii = world.netascii,
                                      .no_options = world.plain,
                                      .window = world.window,
                                      .block = world.block,
                                      .timeout = world.timeout,
                                      .host = "server",
                                      .port = "69",
                                      .from = world.put ? "here/from" : "new",
                                      .to = world.put ? "new" : "here/to"};
    c->requested = (struct tftp_options){0};
    c->may_resume = false;
    struct arguments *a = &c->arguments;
    tftp_sockets_open(&c->sockets, NULL, &server, false);
    client_open_files(c);
    tftp_transfer_start(t, a->put ? TFTP_WRQ : TFTP_RRQ, &c->sockets.net,
                        a->timeout * 1000000, a->timeout * 1000000);
    client_request(c);
    t->answered = client_answered;
    t->commit = client_commit;
    bool resumes = c->sink.received > 0;
    client_end =
        tftp_run(t, (struct tftp_step){a->put ? TFTP_WRQ_SENT : TFTP_RRQ_SENT,
                                       TFTP_SEND_FIRST});
    totals.resumed += client_end == TFTP_SUCCEEDED && resumes && c->may_resume;
    say("ends: %s, %s", client_end == TFTP_SUCCEEDED ? "succeeded" : "failed",
        t->error.text);
    if (client_cleanup)
        client_cleanup();
}

// --- files

static uint8_t content[FILE_MAX], old_content[] = "what was there before\n";
static size_t content_size;

static void draw_content(void)
{
    static const long sizes[] = {0,   1,   7,   8,   9,    508,
                                 511, 512, 513, 516, 1020, 1024};

    content_size = draw_bool(0.2) ? (size_t)sizes[draw_up_to(11)]
                   : draw_bool(0.9)
                       ? (size_t)draw_up_to(draw_bool(0.5) ? 600 : 4000)
                       : (size_t)draw_up_to(FILE_MAX - 600);
    if (world.block < 32 && content_size > 1500)
        content_size %= 1500;
    for (size_t i = 0; i < content_size; i++) {
        uint64_t bits = draw_bits();
        content[i] = !world.netascii ? (uint8_t)bits
                     : bits % 5 == 0 ? '\n'
                     : bits % 5 == 1 ? '\r'
                     : bits % 5 == 2 ? '\0'
                                     : 'a';
    }
}

static void put_file(const char *path, const uint8_t *bytes, size_t n)
{
    int file =
        open("here/.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (file == -1 || write(file, bytes, n) != (ssize_t)n ||
        close(file) == -1 || rename("here/.new", path) == -1)
        err(1, "%s", path);
}

// -1: there is none.
static int file_is(const char *path, const uint8_t *bytes, size_t n)
{
    static uint8_t found[FILE_MAX + 1];
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file == -1)
        return -1;
    ssize_t size = read(file, found, sizeof found);
    close(file);
    return size == (ssize_t)n && memcmp(found, bytes, n) == 0;
}

// What the server has is another file, that may begin as the old one.
static void change_content(void)
{
    size_t kept = content_size;
    uint8_t kept_bytes[FILE_MAX];

    memcpy(kept_bytes, content, kept);
    draw_content();
    if (draw_bool(0.7)) {
        if (kept > content_size)
            kept = content_size;
        memcpy(content, kept_bytes, kept);
        if (kept > 0 && draw_bool(0.5))
            content[(size_t)draw_up_to((long)kept - 1)] ^= 1;
    }
}

// --- a conversation

static double choose(const double *from, int n)
{
    return from[draw_up_to(n - 1)];
}

static void draw_world(void)
{
    static const double losses[] = {0, 0, 0.01, 0.05, 0.05, 0.2, 0.5};
    static const double others[] = {0, 0, 0.01, 0.05, 0.3, 1};
    static const double delays[] = {100, 1000, 5000, 30000, 100000};
    static const long windows[] = {1, 1, 2, 3, 4, 8, 16, 64};
    static const long blocks[] = {8, 16, 100, 512, 512, 1000};

    memset(&world, 0, sizeof world);
    world.put = draw_bool(0.4);
    world.netascii = draw_bool(0.15);
    world.plain = draw_bool(0.2);
    world.window = windows[draw_up_to(7)];
    world.block = blocks[draw_up_to(5)];
    world.timeout = draw_bool(0.7) ? 20 : 1 + draw_up_to(9);
    double *by = world.impaired;
    by[LOSS] = choose(losses, 7);
    by[DUPLICATE] = choose(others, 6);
    by[DELAY] = choose(delays, 5);
    by[JITTER] = draw_bool(0.4) ? 0 : by[DELAY] * choose(others, 6);
    if (draw_bool(0.2))
        world.late = 0.02;
    if (draw_bool(0.15))
        world.stall = 0.02;
    if (draw_bool(0.15)) {
        world.outage[0] = draw_up_to(1000000);
        world.outage[1] = world.outage[0] + draw_up_to(25000000);
    }
    if (draw_bool(0.05)) {
        world.server_dead[0] = 1 + draw_up_to(400000);
        world.server_dead[1] = world.server_dead[0] + draw_up_to(10000000);
    }
    if (draw_bool(0.35))
        world.crashes = 1 + (int)draw_up_to(RUNS - 2);
    world.crash_children = draw_bool(0.15);
    // What the server knows: all, what RFCs have, or less.
    world.known = UINT32_MAX;
    if (draw_bool(0.2))
        world.known = draw_bool(0.3) ? 0
                      : draw_bool(0.5)
                          ? ~TFTP_OPTIONS_PRIVATE
                          : (unsigned)draw_bits() & ~TFTP_OPTIONS_PRIVATE;
    // Without a CRC nobody could tell.
    if (!world.plain && world.known == UINT32_MAX && draw_bool(0.3)) {
        world.undetected = true;
        by[UNDETECTED] = draw_bool(0.5) ? 0.02 : 0.2;
    }
    // A plain client is sent its first block once for each request only: three
    // losses, and it fails.
    world.easy = by[LOSS] <= (world.plain || world.known == 0 ? 0 : 0.01) &&
                 by[DUPLICATE] <= 0.3 && world.late == 0 && world.stall == 0 &&
                 world.outage[1] == 0 && world.server_dead[1] == 0 &&
                 world.crashes == 0 && !world.crash_children &&
                 !world.undetected && world.timeout >= 10;
}

static void describe_world(void)
{
    if (!verbose)
        return;
    printf("%s %zu bytes%s%s, window %ld, block %ld, timeout %ld s, "
           "loss %.2f, duplicates %.2f, delay %.0f + %.0f us%s%s%s%s%s%s, "
           "options known %x\n",
           world.put ? "put" : "get", content_size,
           world.netascii ? ", netascii" : "", world.plain ? ", plain" : "",
           world.window, world.block, world.timeout, world.impaired[LOSS],
           world.impaired[DUPLICATE], world.impaired[DELAY],
           world.impaired[JITTER], world.late > 0 ? ", late" : "",
           world.stall > 0 ? ", stalls" : "",
           world.outage[1] > 0 ? ", outage" : "",
           world.crashes > 0 ? ", the client crashes" : "",
           world.crash_children ? ", the server's transfers crash" : "",
           world.undetected ? ", undetected corruption" : "", world.known);
}

// What must hold of the files. ok: the client says so.
static void check_files(bool ok, bool was_there)
{
    bool made = world.put && file_is("root/new", content, content_size) == 1;
    int there = file_is("here/to", content, content_size);

    if (world.put) {
        if (!made && access("root/new", F_OK) == 0)
            fail("the server has a wrong file");
        if (ok && !made)
            fail("the client says that a wrong file has been stored");
        return;
    }
    if (ok && there != 1)
        fail("a wrong file is called right");
    if (ok && (access("here/.to.part", F_OK) == 0 ||
               access("here/.to.proof", F_OK) == 0))
        fail("a part is left behind");
    if (there == 0 && !(was_there && file_is("here/to", old_content,
                                             sizeof old_content - 1) == 1))
        fail("a wrong file has the name");
    if (!was_there && !ok && there == 1)
        return; // killed after the rename
}

static void close_files(void)
{
    struct partial *p = &client.partial;

    if (world.put) {
        close(client.source.file);
        return;
    }
    close(p->where.folder);
    if (p->file != -1)
        close(p->file); // and the lock goes
}

// After each new packet, an end may wait for 20 s, and not for longer.
static int64_t limit_us(void)
{
    return INT64_C(25000000) * ((int64_t)content_size / world.block + 12);
}

static void run_client(int run)
{
    client_cleanup = NULL;
    signals_blocked = false;
    client_end = TFTP_FAILED;
    totals.runs++;
    end_start(&ends[0], CLIENTS + (unsigned)run, client_main);
    ends[0].strict = world.window == 1 || world.plain ||
                     (world.known >> TFTP_OPTION_SACK & 1) != 0 || !world.put;
    if (run < world.crashes) {
        ends[0].crash_at = 1 + (int)draw_up_to(draw_bool(0.5) ? 20 : 100);
        ends[0].by_signal = draw_bool(0.3);
    }
    end_run(&ends[0]);
    run_ends(false, time_us + limit_us());
    end_forget(&ends[0]);
    close_files(); // as its exit would
}

static void converse(void)
{
    bool was_there, ok = false;

    time_us = 0;
    draws = children = 0;
    failure = NULL;
    transmitted[0] = transmitted[1] = 0;
    draw_world();
    draw_content();
    describe_world();
    for (int i = 0; i < TRANSFERS_MAX; i++)
        transfers.at[i].pid = 0;
    was_there = !world.put && draw_bool(0.3);
    put_file(world.put ? "here/from" : "root/new", content, content_size);
    if (was_there)
        put_file("here/to", old_content, sizeof old_content - 1);
    for (int run = 0; run < RUNS && !ok && !failure; run++) {
        run_client(run);
        ok = client_end == TFTP_SUCCEEDED;
        check_files(ok, was_there);
        if (run == 0 && !ok && world.easy)
            fail("it failed on a good network");
        if (!ok && world.put && access("root/new", F_OK) == 0)
            break; // the next one would be told that it exists
        if (!ok && !world.put && draw_bool(0.2) &&
            access("here/to", F_OK) == -1) {
            run_ends(true, time_us + limit_us());
            change_content();
            put_file("root/new", content, content_size);
        }
    }
    run_ends(true, time_us + limit_us());
    check_files(ok, was_there);
    totals.succeeded += ok;
    totals.seconds += (double)time_us / 1e6;

    for (int i = 0; i < ENDS; i++) {
        end_dies(&ends[i]);
        ends[i].pid = 0;
        end_forget(&ends[i]);
    }
    close_range(4, ~0U, 0);
    while (under_way.count > 0)
        datagram_drop((struct datagram *)delay_queue_take(&under_way));
    static const char *const names[] = {"root/new", "here/to", "here/.to.part",
                                        "here/.to.proof", "here/from"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(names[i]);
}

int main(int argc, char *argv[])
{
    mallopt(M_MMAP_THRESHOLD, 1 << 30); // what is freed is used again
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    if (!sim_start(argc, argv, "sim_tftp"))
        return 2;
    if (transfers_start(&transfers) == -1)
        err(1, "root");
    cksum_start(&request_sum);
    const uint64_t failed = sim_run();
    printf("%" PRIu64 " conversations, %" PRIu64 " failed: %" PRIu64
           " clients, of which %" PRIu64 " succeeded and %" PRIu64
           " went on with a part, %" PRIu64 " transfers of the server, %" PRIu64
           " crashes, %" PRIu64 " datagrams, of which %" PRIu64
           " lost, %" PRIu64 " duplicated, %" PRIu64
           " corrupted, in %.0f hours\n",
           sim_count, failed, totals.runs, totals.succeeded, totals.resumed,
           totals.children, totals.crashes, totals.datagrams, totals.lost,
           totals.doubled, totals.corrupted, totals.seconds / 3600);
    sim_end();
    return failed > 0;
}
