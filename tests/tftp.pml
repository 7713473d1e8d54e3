/*
 * tests/tftp.pml -- a model of a TFTP transfer: both ends, and a channel that
 *                   loses, duplicates and reorders.
 *
 *     sh tests/prove.sh tftp    all orders of events, and every mutation
 *
 * The ends are the C code that ships: the table of tftp_machine.h, what
 * tftp_run.h makes of a packet and of an action, the sender, its window and the
 * receiver. A block has one byte, and the file none, two or three of them, and an empty one.
 * Time stands still: an end is told that its timer has expired, and that is the
 * only thing that finds a packet lost. An end whose timer would have to expire
 * before the other's (TFTP_DALLYING) is told so when the other has ended.
 */
#define LOSSES 1     /* of packets */
#define DUPLICATES 1 /* */
#define EARLY 1      /* timeouts though a packet is under way */
#define QUEUE 6      /* packets under way to an end */

c_decl {
\#define _GNU_SOURCE
\#include <stdlib.h>
\#include <string.h>
static char rings[2][2][20];
static int running, rings_used[2];
\#define malloc(n) ((void *)rings[running][rings_used[running]++ % 2])
\#include "udp/tftp/tftp_run.h"
\#undef malloc

struct packet {
    uint8_t n, again; /* bytes; has been delivered before */
    uint8_t bytes[8];
};

static struct tftp_transfer ends[2]; /* the client, the server */
static struct {
    struct packet queue[2][QUEUE]; /* to each; sorted, n 0: none */
    uint8_t blocks; /* of the file */
    uint8_t file[2][6], length[2];
    uint8_t taken[2];     /* of the file that is sent */
    uint8_t committed[2]; /* times */
    uint8_t losses, duplicates, early, rounds, all_rounds;
    uint8_t sent;         /* since the last event */
    uint8_t config, put, started;
    uint8_t gone[2];      /* nothing listens there, and that was said */
    uint8_t wrong;
} m;

static int64_t net_now(struct tftp_net *net)
{
    return 1;
}

static int compare(const void *a, const void *b)
{
    return memcmp(b, a, sizeof(struct packet));
}

static int net_send(struct tftp_net *net, const uint8_t *packets, size_t size,
                    unsigned count, size_t last)
{
    struct packet *to = m.queue[!running];

    for (unsigned i = 0; i < count; i++) {
        size_t n = i + 1 < count ? size : last;
        m.sent++;
        if (to[QUEUE - 1].n != 0)
            continue; /* full: one more loss */
        memset(&to[QUEUE - 1], 0, sizeof *to);
        to[QUEUE - 1].n = (uint8_t)n;
        memcpy(to[QUEUE - 1].bytes, packets + i * size, n < 8 ? n : 8);
        qsort(to, QUEUE, sizeof *to, compare);
    }
    return 0;
}

static struct tftp_net net = {.now = net_now, .send = net_send};

static ssize_t file_read(struct tftp_file *file, uint8_t *to, size_t room)
{
    if (m.taken[running] == m.blocks)
        return 0;
    *to = ++m.taken[running];
    return 1;
}

static int file_write(struct tftp_file *file, uint8_t *bytes, size_t n)
{
    if (n > 0 && m.length[running] < 6)
        m.file[running][m.length[running]++] = *bytes;
    return 0;
}

static int file_flush(struct tftp_file *file)
{
    return 0;
}

static struct tftp_file file = {file_read, file_write, file_flush};

static bool is_whole(int me)
{
    bool ok = m.length[me] == m.blocks;

    for (int i = 0; i < m.blocks; i++)
        ok = ok && m.file[me][i] == i + 1;
    return ok;
}

static int commit(struct tftp_transfer *t)
{
    m.committed[running]++;
    m.wrong |= !is_whole(running) || m.committed[running] > 1;
    return 0;
}

/* Options: none, or a window of 2, with sack or without. */
static void agree(struct tftp_transfer *t, bool sends)
{
    tftp_options_set(&t->agreed, TFTP_OPTION_BLKSIZE, 1);
    if (m.config > 0)
        tftp_options_set(&t->agreed, TFTP_OPTION_WINDOWSIZE, 2);
    if (m.config == 2)
        tftp_options_set(&t->agreed, TFTP_OPTION_SACK, 1);
    tftp_transfer_agree(t, sends, &file);
}

/* As client_answered(), of request.c. */
static enum tftp_event answered(struct tftp_transfer *t, const uint8_t *bytes,
                                size_t n, const struct tftp_packet *p)
{
    enum tftp_event event = TFTP_NO_EVENT;

    if (p->opcode == TFTP_OACK)
        event = TFTP_OACK_RECEIVED;
    else if (p->opcode == TFTP_ACK && p->block == 0 && m.put)
        event = TFTP_ACK0_RECEIVED;
    else if (p->opcode == TFTP_DATA && p->block == 1 && !m.put)
        event = TFTP_DATA_RECEIVED;
    if (event != TFTP_NO_EVENT)
        agree(t, m.put);
    return event;
}

static bool has_ended(int me)
{
    return ends[me].state >= TFTP_SUCCEEDED;
}

/* tftp_run(), from an event to the next one that must come from outside. */
static void go_on(int me, enum tftp_event event)
{
    struct tftp_transfer *t = &ends[me];

    while (event != TFTP_NO_EVENT && !has_ended(me)) {
        if (event == TFTP_TIMEOUT) {
            rto_expired(&t->rto);
            t->receiver.saw_loss = true;
        }
        struct tftp_step step = tftp_step(t->state, event);
        t->last_event = event;
        t->state = step.state;
        event = tftp_run_act(t, step.action);
    }
}

static void happens(int me, enum tftp_event event)
{
    running = me;
    m.sent = 0;
    m.gone[me] = 0;
    go_on(me, event);
}

static void start_server(void)
{
    struct tftp_transfer *t = &ends[1];
    struct tftp_step step = {m.put ? TFTP_WRQ_ANSWERED : TFTP_RRQ_ANSWERED,
                             TFTP_SEND_FIRST};

    m.started = 1;
    agree(t, !m.put);
    tftp_put_header(t->first.packet, m.config > 0 ? TFTP_OACK : TFTP_ACK, 0);
    t->first.size = 4;
    if (!m.put && m.config == 0)
        step = (struct tftp_step){TFTP_SENDING, TFTP_SEND_DATA};
    t->state = step.state;
    go_on(1, tftp_run_act(t, step.action));
}

static void set_up(int put, int config, int blocks)
{
    m.blocks = blocks;
    m.put = put;
    m.config = config;
    m.losses = LOSSES;
    m.duplicates = DUPLICATES;
    m.early = EARLY;
    for (running = 1; running >= 0; running--) {
        tftp_transfer_start(&ends[running], put ? TFTP_WRQ : TFTP_RRQ, &net,
                            6000000, 20000000);
        ends[running].answered = answered;
        ends[running].commit = commit;
    }
    running = 0;
    ends[1].dallies = true;
    tftp_put_header(ends[0].first.packet, put ? TFTP_WRQ : TFTP_RRQ, 0);
    ends[0].first.size = 4;
    ends[0].state = put ? TFTP_WRQ_SENT : TFTP_RRQ_SENT;
    tftp_run_act(&ends[0], TFTP_SEND_FIRST);
}

static void take(int me, int i, int keep)
{
    struct packet *p = &m.queue[me][i];

    if (keep)
        p->again = 1;
    else
        memset(p, 0, sizeof *p);
    qsort(m.queue[me], QUEUE, sizeof *p, compare);
}

/* A packet arrives. In lock step, and with sack, a DATA that came before brings
 * forth one packet at most, and an ACK none. */
static void arrives(int me, int i, int keep)
{
    struct packet p = m.queue[me][i];
    enum tftp_event event;

    running = me;
    m.sent = 0;
    take(me, i, keep);
    if (has_ended(me)) {
        m.gone[!me] = 1;
        return;
    }
    if (me == 1 && !m.started) {
        start_server();
        return;
    }
    if (p.n == 4 && p.bytes[1] <= TFTP_WRQ)
        return; /* a request that comes again */
    event = tftp_run_receive(&ends[me], p.bytes, p.n);
    if (event == TFTP_NO_EVENT && ends[me].receiver.ack_due)
        event = TFTP_DATA_RECEIVED;
    go_on(me, event);
    m.wrong |= p.again && m.sent > (p.bytes[1] != TFTP_ACK) && m.config != 1;
}

static int waits_in_vain(int me)
{
    return !has_ended(me) && (me == 0 || m.started) &&
           (ends[me].state != TFTP_DALLYING || has_ended(!me));
}

/* Both ends are told at the same time. It costs a round for each packet that was
 * lost, or an early timeout; but a plain window loses what comes out of order. */
static void nothing_comes(void)
{
    m.all_rounds++;
    m.rounds += !has_ended(0) && !has_ended(1);
    for (int me = 0; me < 2; me++)
        if (waits_in_vain(me))
            happens(me, TFTP_TIMEOUT);
}

static int too_long(void)
{
    return m.all_rounds > 8 ||
           m.rounds > LOSSES - m.losses + EARLY - m.early +
                          (m.config == 1 ? 3 : 0);
}

static int quiet(void)
{
    return m.queue[0][0].n == 0 && m.queue[1][0].n == 0;
}

static int all_ended(void)
{
    return has_ended(0) && (has_ended(1) || !m.started);
}

/* Nobody gave up: so both have succeeded, but for a server whose client has
 * all it wants. */
static int ended_well(void)
{
    bool ok = ends[0].state == TFTP_SUCCEEDED && m.committed[m.put] == 1;

    return ok && (ends[1].state == TFTP_SUCCEEDED || !m.put);
}

\#define QUIET quiet()
\#define ENDED all_ended()
\#define TOO_LONG too_long()
\#define WELL ended_well()
\#define ALIVE_0 waits_in_vain(0)
\#define ALIVE_1 waits_in_vain(1)
\#define GONE_0 (m.gone[0] && !has_ended(0))
\#define GONE_1 (m.gone[1] && !has_ended(1))
}
c_track "&ends[0]" "offsetof(struct tftp_transfer, crc)"
c_track "&ends[1]" "offsetof(struct tftp_transfer, crc)"
c_track "rings" "sizeof rings"
c_track "rings_used" "sizeof rings_used"
c_track "&m" "sizeof m"

#define PACKET(me, i)                                                          \
    :: c_expr { m.queue[me][i].n } -> c_code { arrives(me, i, 0); }            \
    :: c_expr { m.queue[me][i].n && m.losses } ->                              \
        c_code { m.losses--; take(me, i, 0); }                                 \
    :: c_expr { m.queue[me][i].n && m.duplicates } ->                          \
        c_code { m.duplicates--; arrives(me, i, 1); }

#define START(put, config)                                                     \
    :: c_code { set_up(put, config, 0); }                                      \
    :: c_code { set_up(put, config, config == 2 ? 3 : 2); }

init {
    atomic {
        if
        START(0, 0)
        START(0, 1)
        START(0, 2)
        START(1, 0)
        START(1, 1)
        START(1, 2)
        fi
    }
    do
    :: atomic {
        if
        PACKET(0, 0)
        PACKET(0, 1)
        PACKET(0, 2)
        PACKET(0, 3)
        PACKET(0, 4)
        PACKET(0, 5)
        PACKET(1, 0)
        PACKET(1, 1)
        PACKET(1, 2)
        PACKET(1, 3)
        PACKET(1, 4)
        PACKET(1, 5)
        :: c_expr { m.early && ALIVE_0 && !QUIET } ->
            c_code { m.early--; happens(0, TFTP_TIMEOUT); }
        :: c_expr { m.early && ALIVE_1 && !QUIET } ->
            c_code { m.early--; happens(1, TFTP_TIMEOUT); }
        :: c_expr { GONE_0 } -> c_code { happens(0, TFTP_PEER_GONE); }
        :: c_expr { GONE_1 } -> c_code { happens(1, TFTP_PEER_GONE); }
        :: c_expr { QUIET && !ENDED && !GONE_0 && !GONE_1 } ->
            c_code { nothing_comes(); }
        :: c_expr { QUIET && ENDED } -> break
        fi;
        assert(c_expr { !m.wrong });
        assert(c_expr { !TOO_LONG })
       }
    od;
    assert(c_expr { WELL })
}
