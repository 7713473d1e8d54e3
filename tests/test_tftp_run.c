/*
 * tests/test_tftp_run.c -- udp/tftp/tftp_run.h over a network that is made of
 * functions, in a time that passes only while the transfer waits.
 */
#define _GNU_SOURCE // for tftp_run.h
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "../udp/tftp/tftp_run.h"

#define ROUND_TRIP INT64_C(10000) // microseconds
#define QUEUE 64

// The network, and the peer at its other end.
struct line {
    struct tftp_net net; // the first member
    int64_t now;
    void (*peer)(struct line *, const uint8_t *packet, size_t n);
    int lose; // of what the transfer sends, the packet of that number
    int sent;
    struct {
        int64_t arrival;
        size_t n;
        uint8_t bytes[TFTP_HEADER + TFTP_BLOCK_DEFAULT];
    } queue[QUEUE];
    int first, next, last; // read, to be read, under way
    uint8_t got[8192];     // the peer has
    size_t count;
    unsigned base;
};

static int64_t line_now(struct tftp_net *net)
{
    return ((struct line *)net)->now;
}

static int line_send(struct tftp_net *net, const uint8_t *packets, size_t size,
                     unsigned count, size_t last)
{
    struct line *l = (struct line *)net;

    for (unsigned i = 0; i < count; i++)
        if (++l->sent != l->lose)
            l->peer(l, packets + i * size, i + 1 < count ? size : last);
    return 0;
}

static int line_read(struct tftp_net *net, int64_t wait_us)
{
    struct line *l = (struct line *)net;
    int64_t until = l->now + wait_us;

    if (l->next == l->last || l->queue[l->next % QUEUE].arrival > until) {
        l->now = wait_us > 0 ? until : l->now;
        return 0;
    }
    if (l->queue[l->next % QUEUE].arrival > l->now)
        l->now = l->queue[l->next % QUEUE].arrival;
    l->next++;
    return 1;
}

static bool line_next(struct tftp_net *net, uint8_t **datagram, size_t *n)
{
    struct line *l = (struct line *)net;

    if (l->first == l->next)
        return false;
    *datagram = l->queue[l->first % QUEUE].bytes;
    *n = l->queue[l->first++ % QUEUE].n;
    return true;
}

static int line_accept(struct tftp_net *net)
{
    net->accepted = true;
    return 0;
}

// The peer's packet will be here after a round trip.
static void answer(struct line *l, enum tftp_opcode opcode, unsigned block,
                   const char *bytes, size_t n)
{
    int i = l->last++ % QUEUE;

    l->queue[i].arrival = l->now + ROUND_TRIP;
    l->queue[i].n = TFTP_HEADER + n;
    tftp_put_header(l->queue[i].bytes, opcode, block);
    memcpy(l->queue[i].bytes + TFTP_HEADER, bytes, n);
}

// A receiver of RFC 1350.
static void receiver(struct line *l, const uint8_t *packet, size_t n)
{
    unsigned block = tftp_get16(packet + 2);

    if (block == l->base + 1) {
        memcpy(l->got + l->count, packet + TFTP_HEADER, n - TFTP_HEADER);
        l->count += n - TFTP_HEADER;
        l->base++;
    }
    answer(l, TFTP_ACK, block, "", 0);
}

static void nothing(struct line *l, const uint8_t *packet, size_t n)
{
    (void)l, (void)packet, (void)n;
}

// A sender that sends its two blocks for any ACK that is not the last.
static void sender(struct line *l, const uint8_t *packet, size_t n)
{
    static const char one[TFTP_BLOCK_DEFAULT] = "one";

    (void)n;
    if (tftp_get16(packet + 2) == 0)
        answer(l, TFTP_DATA, 1, one, sizeof one);
    else if (tftp_get16(packet + 2) == 1)
        answer(l, TFTP_DATA, 2, "two", 3);
    l->base = tftp_get16(packet + 2);
}

struct memory { // a file
    struct tftp_file io;
    uint8_t bytes[4000];
    size_t at;
};

static ssize_t memory_read(struct tftp_file *file, uint8_t *to, size_t room)
{
    struct memory *m = (struct memory *)file;
    size_t left = sizeof m->bytes - m->at;
    size_t n = left < room ? left : room;

    memcpy(to, m->bytes + m->at, n);
    m->at += n;
    return (ssize_t)n;
}

static int memory_write(struct tftp_file *file, uint8_t *bytes, size_t n)
{
    struct memory *m = (struct memory *)file;

    memcpy(m->bytes + m->at, bytes, n);
    m->at += n;
    return 0;
}

static int memory_flush(struct tftp_file *file)
{
    (void)file;
    return 0;
}

static int commit(struct tftp_transfer *t)
{
    (void)t;
    return 0;
}

static struct line line;
static struct memory memory;
static struct tftp_transfer tftp;

// A plain transfer, as the server has it.
static enum tftp_state transfer(enum tftp_opcode opcode, int lose,
                                void (*peer)(struct line *, const uint8_t *,
                                             size_t))
{
    line = (struct line){.net = {.now = line_now,
                                 .send = line_send,
                                 .read = line_read,
                                 .next = line_next,
                                 .accept = line_accept},
                         .peer = peer,
                         .lose = lose};
    memory = (struct memory){.io = {memory_read, memory_write, memory_flush}};
    for (size_t i = 0; i < sizeof memory.bytes && opcode == TFTP_RRQ; i++)
        memory.bytes[i] = (uint8_t)(i * i >> 8);
    tftp_transfer_start(&tftp, opcode, &line.net, 6000000, 20000000);
    tftp.dallies = true;
    tftp.commit = commit;
    tftp_transfer_agree(&tftp, opcode == TFTP_RRQ, &memory.io);
    tftp_put_header(tftp.first.packet, TFTP_ACK, 0);
    tftp.first.size = TFTP_HEADER;
    enum tftp_state end =
        opcode == TFTP_RRQ
            ? tftp_run(&tftp, (struct tftp_step){TFTP_SENDING, TFTP_SEND_DATA})
            : tftp_run(&tftp,
                       (struct tftp_step){TFTP_WRQ_ANSWERED, TFTP_SEND_FIRST});
    free(tftp.sender.ring);
    free(tftp.receiver.ring);
    return end;
}

static void each_block_takes_a_round_trip(void **state)
{
    (void)state;
    assert_int_equal(transfer(TFTP_RRQ, 0, receiver), TFTP_SUCCEEDED);
    assert_int_equal(line.count, sizeof memory.bytes);
    assert_memory_equal(line.got, memory.bytes, sizeof memory.bytes);
    assert_int_equal(line.now, 8 * ROUND_TRIP); // 7 of 512, and the rest
    assert_int_equal(tftp.sender.window.resent, 0);
}

static void a_lost_block_costs_the_timeout(void **state)
{
    (void)state;
    assert_int_equal(transfer(TFTP_RRQ, 1, receiver), TFTP_SUCCEEDED);
    assert_memory_equal(line.got, memory.bytes, sizeof memory.bytes);
    assert_int_equal(line.now, TFTP_RTO_FIRST + 8 * ROUND_TRIP);
    assert_int_equal(tftp.sender.window.resent, 1);

    assert_int_equal(transfer(TFTP_RRQ, 5, receiver), TFTP_SUCCEEDED);
    assert_int_equal(line.now, TFTP_RTO_MIN + 8 * ROUND_TRIP);
}

static void silence_has_its_limit(void **state)
{
    (void)state;
    assert_int_equal(transfer(TFTP_RRQ, 0, nothing), TFTP_FAILED);
    assert_int_equal(tftp.last_event, TFTP_PEER_SILENT);
    assert_int_equal(line.now, 6000000);
}

static void the_last_ack_is_followed_by_dallying(void **state)
{
    (void)state;
    assert_int_equal(transfer(TFTP_WRQ, 0, sender), TFTP_SUCCEEDED);
    assert_int_equal(memory.at, TFTP_BLOCK_DEFAULT + 3);
    assert_int_equal(line.base, 2); // the last ACK
    assert_int_equal(line.now, 2 * ROUND_TRIP + TFTP_RTO_FIRST);
    // ACK 1 is lost: asked for again, and then it stays for longer.
    assert_int_equal(transfer(TFTP_WRQ, 2, sender), TFTP_SUCCEEDED);
    assert_int_equal(memory.at, TFTP_BLOCK_DEFAULT + 3);
    assert_true(line.now > INT64_C(3) * TFTP_RTO_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_block_takes_a_round_trip),
        cmocka_unit_test(a_lost_block_costs_the_timeout),
        cmocka_unit_test(silence_has_its_limit),
        cmocka_unit_test(the_last_ack_is_followed_by_dallying),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
