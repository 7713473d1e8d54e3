/*
 * udp/relay/main.c -- a bad network between two UDP programs, on purpose.
 *
 * Shows:   What can become of a datagram on its way: lost, doubled, overtaken,
 *          late, damaged. The relay does it by a seed, so that the same happens
 *          again to the same conversation, and says so in a line for each. Send
 *          to the relay what is meant for the receiver; here there is none.
 *
 * Run:     $ build/udp/relay --loss 30 --idle 200 127.0.0.1 9401 127.0.0.1 9400
 *          $ build/udp/basic_send 127.0.0.1 9401 5
 *
 * Prints:  ready on 127.0.0.1:9401
 *          1   is 127.0.0.1:<port>
 *          1      #1 ------->          17 bytes
 *          1      #2 --X               17 bytes: lost
 *          1      #3 ------->          17 bytes
 *          1      #4 ------->          17 bytes
 *          1      #5 --X               17 bytes: lost
 *          1      #6 ------->          17 bytes
 *          there: 6 came, 2 lost
 *          back: 0 came
 *
 * Read:    udp(7), ppoll(2), recvmsg(2), socket(7); RFC 1071
 */
#define _GNU_SOURCE // ppoll
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/address.h"
#include "../../common/clock.h"
#include "../../common/ending.h"
#include "../../common/program.h"
#include "../poll_signals_first.h"
#include "conversation.h"
#include "fate.h"
#include "ladder.h"
#include "queue.h"
#include "settings.h"

#define SOCKETS_MAX (CONVERSATIONS_MAX * PORTS_MAX + 1)
#define DATAGRAM_MAX 65536
#define AT_ONCE 64 // datagrams taken from one socket before the next has a turn
#define HOLD 50000 // microseconds: then it is held back no longer

static struct settings settings;
static struct conversations all;
static struct queue queue;
static int64_t first_came, last_came; // 0: nothing yet
static unsigned long totals[2][EVENTS];
static volatile sig_atomic_t ended_by;

// The datagram as it will be sent.
static struct waiting *copy_of(const struct conversation *c,
                               enum direction direction,
                               const struct port *port, const uint8_t *bytes,
                               size_t size)
{
    struct waiting *w = malloc(sizeof *w + size);
    if (!w)
        err(1, "malloc");

    *w = (struct waiting){
        .size = size,
        .bytes = (uint8_t *)(w + 1),
        .to = direction == THERE ? port->server : c->client,
        .to_len = direction == THERE ? all.server_len : all.client_len,
        .sock = direction == THERE ? c->sock : port->sock,
    };
    memcpy(w->bytes, bytes, size);
    return w;
}

static void put(struct waiting *w, int64_t due, enum direction direction)
{
    w->due = due;
    if (!queue_put(&queue, w)) {
        totals[direction][TOO_MANY]++;
        free(w);
    }
}

// Let the one that was held back go, if there is one, but not before due.
static void let_go(struct conversation *c, enum direction direction,
                   int64_t due)
{
    struct waiting *w = c->held[direction];

    if (!w)
        return;
    c->held[direction] = NULL;
    if (!settings.silent)
        ladder(c->number, direction, c->held_number[direction], GOES_ON,
               w->size, &(struct remark){.length = 0});
    put(w, due > w->due ? due : w->due, direction);
}

// Whether the datagram goes on. Damages it, and says what was done to it.
static bool survives(struct conversation *c, enum direction direction,
                     const struct fate *fate, uint8_t *bytes, size_t size,
                     int64_t now, struct remark *r)
{
    const int64_t since_dark = now - first_came - settings.dark_from;
    size_t where[2];

    if (number_list_remove(&c->drop[direction], (long)c->came[direction])) {
        totals[direction][DROPPED]++;
        remark(r, ": dropped");
        return false;
    }
    if (since_dark >= 0 && since_dark < settings.dark) {
        totals[direction][IN_THE_DARK]++;
        remark(r, ": lost in the dark");
        return false;
    }
    if (fate->harmed[LOSS]) {
        totals[direction][LOST]++;
        remark(r, ": lost");
        return false;
    }

    // The kernel puts a new checksum on whatever we send. The one that it had
    // would no longer fit, and then the other end's kernel throws it away; so
    // do we in its place.
    const uint16_t sum = fate_checksum(bytes, size);
    if (fate->harmed[CORRUPT] && size > 0) {
        size_t at = fate_flip(bytes, size, fate->noise);
        totals[direction][CORRUPTED]++;
        remark(r, ": corrupted at %zu, sum %04x is now %04x", at, sum,
               fate_checksum(bytes, size));
        return false;
    }
    if (fate->harmed[BITROT] && fate_rot(bytes, size, fate->noise, where)) {
        totals[direction][ROTTEN]++;
        remark(r, ": rotten at %zu and %zu, sum %04x is still %04x", where[0],
               where[1], sum, fate_checksum(bytes, size));
    }
    return true;
}

static void forward(struct conversation *c, enum direction direction,
                    const struct port *port, uint8_t *bytes, size_t size,
                    int64_t now)
{
    const uint32_t number = ++c->came[direction];
    const struct fate fate =
        fate_of(settings.odds[direction], (uint64_t)settings.seed, c->number,
                direction, number);
    struct remark r = {.length = 0};

    c->last = now;
    totals[direction][CAME]++;
    const bool goes = survives(c, direction, &fate, bytes, size, now, &r);
    const bool twice = goes && fate.harmed[DUP];
    const bool waits = goes && fate.harmed[REORDER] && !c->held[direction];
    struct picture picture = !goes ? STOPS : r.length > 0 ? CHANGED : PASSES;
    if (twice) {
        picture = TWICE;
        totals[direction][DOUBLED]++;
        remark(&r, ": doubled");
    }
    if (waits) {
        picture = WAITS;
        totals[direction][HELD_BACK]++;
        remark(&r, ": held back");
    }
    if (!settings.silent)
        ladder(c->number, direction, number, picture, size, &r);

    if (twice)
        put(copy_of(c, direction, port, bytes, size), now + fate.copy_waits,
            direction);
    if (!goes)
        return;
    struct waiting *w = copy_of(c, direction, port, bytes, size);
    if (waits) {
        w->due = now + fate.wait;
        c->held[direction] = w;
        c->held_number[direction] = number;
    } else {
        put(w, now + fate.wait, direction);
        let_go(c, direction, now + fate.wait);
    }
}

// Something to receive from: the port that everybody calls (c is NULL), a port
// that the client of c calls, or, if there is no port, the server's answers to
// c.
struct source {
    int sock;
    uint32_t *overflowed;
    struct conversation *c;
    const struct port *port;
};

// The number of bytes; -1 and errno. Counts what our own socket had to drop.
static ssize_t receive(const struct source *source, struct iovec part,
                       struct sockaddr_storage *from, enum direction direction)
{
    _Alignas(struct cmsghdr) char beside[CMSG_SPACE(sizeof(uint32_t))];
    struct msghdr message = {
        .msg_name = from,
        .msg_namelen = sizeof *from,
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = beside,
        .msg_controllen = sizeof beside,
    };

    ssize_t n = recvmsg(source->sock, &message, 0);
    if (n == -1)
        return -1;
    const struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
        uint32_t overflowed;
        memcpy(&overflowed, CMSG_DATA(c), sizeof overflowed);
        totals[direction][NOT_ON_PURPOSE] += overflowed - *source->overflowed;
        *source->overflowed = overflowed;
    }
    return n;
}

static struct conversation *client_of(const struct sockaddr_storage *from,
                                      int64_t now)
{
    const uint32_t before = all.number;

    struct conversation *c = conversation_with(&all, &queue, from, now);
    if (c && all.number != before) {
        memcpy(c->drop, settings.drop, sizeof c->drop);
        if (!settings.silent)
            printf("%-3" PRIu32 " is %s\n", c->number, address_text(from).text);
    }
    return c;
}

static struct port *port_of(struct conversation *c,
                            const struct sockaddr_storage *from)
{
    const int before = c->port_count;

    struct port *port = conversation_port(&all, c, from);
    if (port && c->port_count != before && !settings.silent)
        printf("%-3" PRIu32 " is answered from %s\n", c->number,
               address_text(from).text);
    return port;
}

// Take one datagram from there; false if there is none.
static bool take_from(const struct source *source)
{
    static uint8_t bytes[DATAGRAM_MAX];
    const struct iovec part = {.iov_base = bytes, .iov_len = sizeof bytes};
    const enum direction direction = source->port ? THERE : BACK;
    struct conversation *c = source->c;
    const struct port *port = source->port;
    struct sockaddr_storage from;

    ssize_t n = receive(source, part, &from, direction);
    if (n == -1)
        return false;
    const int64_t now = clock_us();
    first_came = first_came == 0 ? now : first_came;
    last_came = now;

    if (!c)
        c = client_of(&from, now);
    else if (!port)
        port = port_of(c, &from);
    else if (!address_same(&from, &c->client))
        port = NULL;
    if (c && port)
        forward(c, direction, port, bytes, (size_t)n, now);
    else
        totals[direction][TURNED_AWAY]++;
    return true;
}

// All that there is to receive from. What everybody calls comes last, because a
// new client can end another's conversation.
static int list_sources(struct source *sources)
{
    int n = 0;

    for (int i = 0; i < all.count; i++) {
        struct conversation *c = all.list[i];
        sources[n++] = (struct source){c->sock, &c->overflowed, c, NULL};
        for (int p = 1; p < c->port_count; p++)
            sources[n++] = (struct source){
                c->ports[p].sock, &c->ports[p].overflowed, c, &c->ports[p]};
    }
    sources[n++] = (struct source){all.called.sock, &all.called.overflowed,
                                   NULL, &all.called};
    return n;
}

// Let go what was held back long enough, and send what is due. Returns when
// there is something to do again.
static int64_t send_due(int64_t now)
{
    int64_t next = first_came == 0 ? INT64_MAX : last_came + settings.idle;

    for (int i = 0; i < 2 * all.count; i++) {
        const enum direction direction = i % 2 == 0 ? THERE : BACK;
        const struct waiting *w = all.list[i / 2]->held[direction];
        if (w && w->due + HOLD <= now)
            let_go(all.list[i / 2], direction, now);
        else if (w && w->due + HOLD < next)
            next = w->due + HOLD;
    }
    while (queue.count > 0 && queue.heap[0]->due <= now) {
        struct waiting *w = queue_take(&queue);
        if (w->sock != -1 && sendto(w->sock, w->bytes, w->size, 0,
                                    (struct sockaddr *)&w->to, w->to_len) == -1)
            warn("sendto %s", address_text(&w->to).text);
        free(w);
    }
    if (queue.count > 0 && queue.heap[0]->due < next)
        next = queue.heap[0]->due;
    return next;
}

static void note_ending(int number)
{
    ended_by = number;
}

// From now on the signals that end us wait, until poll_signals_first lets them in: none
// can come between a look at ended_by and the wait. *before is what that needs.
static void hold_signals(sigset_t *before)
{
    sigprocmask(SIG_BLOCK, NULL, before);
    hold_endings(SIG_BLOCK);
    before_ending(note_ending);
}

// Relay until nothing has come for a while, or a signal has.
static void relay(const sigset_t *signals)
{
    static struct source sources[SOCKETS_MAX];
    static struct pollfd polled[SOCKETS_MAX];

    while (!ended_by) {
        const int64_t now = clock_us(), next = send_due(now);
        if (first_came != 0 && last_came + settings.idle <= now)
            break;
        const long left = next > now ? (long)(next - now) : 0;
        const struct timespec limit = {left / 1000000, left % 1000000 * 1000};

        const int n = list_sources(sources);
        for (int i = 0; i < n; i++)
            polled[i] =
                (struct pollfd){.fd = sources[i].sock, .events = POLLIN};
        if (poll_signals_first(polled, (nfds_t)n,
                               next == INT64_MAX ? NULL : &limit,
                               signals) == -1) {
            if (errno != EINTR)
                err(1, "ppoll");
            continue;
        }
        for (int i = 0; i < n; i++)
            if (polled[i].revents != 0)
                for (int k = 0; k < AT_ONCE && take_from(&sources[i]);)
                    k++;
    }
}

// The address that these operands mean; ends with an error if there is none.
static struct addrinfo *find(char *operands[], int flags)
{
    struct addrinfo *found;

    int error =
        address_find(operands[0], operands[1], SOCK_DGRAM, flags, &found);
    if (error != 0)
        errx(1, "%s port %s: %s", operands[0], operands[1],
             gai_strerror(error));
    return found;
}

int main(int argc, char *argv[])
{
    program_start();
    if (!settings_parse(&settings, argc, argv) || argc - optind != 4)
        return usage(argc, argv, settings_synopsis);

    struct addrinfo *here = find(argv + optind, AI_PASSIVE);
    struct addrinfo *there = find(argv + optind + 2, 0);
    all.called.sock = conversation_socket(here->ai_family);
    if (all.called.sock == -1)
        err(1, "socket");
    if (bind(all.called.sock, here->ai_addr, here->ai_addrlen) == -1)
        err(1, "bind %s port %s", argv[optind], argv[optind + 1]);
    memcpy(&all.called.server, there->ai_addr, there->ai_addrlen);
    all.server_len = there->ai_addrlen;
    all.client_len = here->ai_addrlen;
    freeaddrinfo(here);
    freeaddrinfo(there);

    sigset_t signals;
    hold_signals(&signals);
    printf("ready on %s\n", address_bound(all.called.sock).text);
    relay(&signals);
    sigprocmask(SIG_SETMASK, &signals, NULL);
    print_totals(totals);

    while (all.count > 0)
        conversation_end(&all, 0, &queue);
    while (queue.count > 0)
        free(queue_take(&queue));
    close(all.called.sock);
    if (ended_by)
        end_by(ended_by);
    return 0;
}
