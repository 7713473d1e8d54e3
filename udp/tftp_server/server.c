/*
 * udp/tftp_server/server.c -- see server.h.
 */
#define _GNU_SOURCE // ppoll
#include "server.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../../common/address.h"
#include "../../common/child.h"
#include "../../common/clock.h"
#include "../../common/termination.h"
#include "../poll_signals_first.h"
#include "listener.h"
#include "serve.h"

static volatile sig_atomic_t ended_by; // a signal

static void note_signal(int number)
{
    if (number != SIGCHLD)
        ended_by = number;
}

void server_block_signals(struct server *s)
{
    struct sigaction action = {.sa_handler = note_signal};
    sigset_t blocked = termination_signals();

    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, &s->unblocked);
    handle_termination(note_signal);
    sigaction(SIGCHLD, &action, NULL);
    signal(SIGXFSZ, SIG_IGN); // a file that gets too long is EFBIG
}

// In a child: the signals that the server handles end it. SIGPIPE does not: if
// its line in the log could not be written, its exit status has to say so.
static void default_signals(const struct server *s)
{
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 &&
            action.sa_handler == note_signal)
            signal(number, SIG_DFL);
    }
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_SETMASK, &s->unblocked, NULL);
}

// Its status: 0, or 1 if the transfer failed; an errno if its line in the log
// could not be written, which is greater.
static int serve_in_child(struct server *s, const struct request *r, int slot,
                          pid_t parent)
{
    default_signals(s);
    set_pdeathsig(parent, SIGTERM);
    close(s->sock); // or its port would be taken as long as we live
    bool ok =
        serve(r, &s->transfers.validation[slot], s->root, s->writable, &s->log);
    return s->log.error > 1 ? s->log.error : !ok;
}

// Begin a transfer for the request, unless it is a repetition or one too many.
// Whether it has begun.
static bool begin(struct server *s, const struct request *r)
{
    struct transfers *all = &s->transfers;
    uint32_t request = tftp_crc(&s->sum, 0, r->datagram, r->n);
    bool plain = r->options.set == 0;

    transfers_reap(all);
    if (transfers_repeated(all, &r->from, request, r->n) ||
        !transfers_may_begin(all, &r->from, plain))
        return false;
    int i = transfers_slot(all);
    if (i == -1) {
        listener_refuse(s->sock, r, TFTP_ERROR_UNDEFINED, "Busy, try later");
        return false;
    }
    atomic_store(&all->validation[i].bytes, (unsigned)r->n);
    atomic_store(&all->validation[i].requests, 1);
    atomic_store(&all->validation[i].done, false);

    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == -1) {
        log_line(&s->log, "fork: %s", strerror(errno));
        listener_refuse(s->sock, r, TFTP_ERROR_UNDEFINED, "Busy, try later");
        return false;
    }
    if (pid == 0)
        _exit(serve_in_child(s, r, i, parent));
    all->at[i] = (struct transfer){.pid = pid,
                                   .plain = plain,
                                   .request = request,
                                   .since = clock_us(),
                                   .from = r->from};
    return true;
}

// Receive a datagram, if there is one. Whether a transfer has begun for it.
static bool receive(struct server *s)
{
    static struct request r; // it is large, and a child has a copy of its own
    const char *refusal;

    if (!listener_receive(s->sock, &r) || !request_read(&r, &s->sum, &refusal))
        return false;
    if (!refusal)
        return begin(s, &r);
    log_line(&s->log, "%s: %s", address_text(&r.from).text, refusal);
    listener_refuse(s->sock, &r, TFTP_ERROR_ILLEGAL, refusal);
    return false;
}

// Whether it goes on: no signal has come, and the reader of the log is there.
static bool goes_on(const struct server *s)
{
    return ended_by == 0 && s->transfers.log_error != EPIPE;
}

int server_run(struct server *s, long requests)
{
    struct pollfd readable = {.fd = s->sock, .events = POLLIN};
    long begun = 0;

    while (goes_on(s) && (requests == 0 || begun < requests)) {
        if (poll_signals_first(&readable, 1, NULL, &s->unblocked) == -1 &&
            errno != EINTR) {
            log_line(&s->log, "ppoll: %s", strerror(errno));
            transfers_end(&s->transfers);
            return -1;
        }
        transfers_reap(&s->transfers);
        begun += receive(s);
    }
    while (transfers_reap(&s->transfers) > 0 && goes_on(s))
        ppoll(NULL, 0, NULL, &s->unblocked); // SIGCHLD ends it

    transfers_end(&s->transfers);
    return s->transfers.log_error == EPIPE ? SIGPIPE : ended_by;
}
