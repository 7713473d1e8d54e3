/*
 * udp/bench.c -- what datagrams cost, as the lessons use them and faster.
 *
 * Shows:   There is no flow control, so what the receiver is too slow for is
 *          lost, and the last column says how much. What arrived is counted.
 *
 *          sendto    as the lessons do: sendto and recvfrom for each
 *          connected the same with send and recv: the address is known
 *          local     the same with AF_UNIX: nothing is lost, the sender waits
 *          mmsg      many in a call: sendmmsg and recvmmsg
 *          gso       one buffer, cut into datagrams as late as can be
 *                    (UDP_SEGMENT), and handed over in one piece (UDP_GRO)
 *          bare...   the calls of sendto and gso, and nothing else
 *
 * Run:     $ build/udp/bench --quick
 *
 * Prints:  way <columns>
 *          <...>
 *
 * Read:    udp(7), sendto(2), recvfrom(2), connect(2), sendmmsg(2),
 *          recvmmsg(2), sendmsg(2), cmsg(3)
 */
#define _GNU_SOURCE // sendmmsg, recvmmsg; bench.h
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/bench/bench.h"
#include "../common/program.h"

#define LONGEST 65507u // bytes in a datagram, over IPv4
#define MANY 64        // datagrams in a call; for UDP_SEGMENT it is the limit

// What the sender of THERE, or BACK, has; and what its receiver has.
static int to[2] = {-1, -1}, from[2] = {-1, -1};
static struct sockaddr_in address[2]; // of the receivers

static void open_sockets(size_t size)
{
    (void)size;
    for (int i = 0; i < 2; i++) {
        socklen_t length = sizeof address[i];
        address[i] = (struct sockaddr_in){
            .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        from[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        to[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (from[i] == -1 || to[i] == -1 ||
            bind(from[i], (struct sockaddr *)&address[i], length) == -1 ||
            getsockname(from[i], (struct sockaddr *)&address[i], &length) == -1)
            err(1, "a socket");
    }
}

static void open_connected(size_t size)
{
    open_sockets(size);
    for (int i = 0; i < 2; i++)
        if (connect(to[i], (struct sockaddr *)&address[i], sizeof address[i]) ==
            -1)
            err(1, "connect");
}

// Datagrams of AF_UNIX, which wait for each other instead of getting lost.
static void open_local(size_t size)
{
    int pair[2];

    (void)size;
    for (int i = 0; i < 2; i++) {
        if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == -1)
            err(1, "socketpair");
        to[i] = pair[0];
        from[i] = pair[1];
    }
}

static void open_gso(size_t size)
{
    const int segment = (int)size, on = 1;

    open_connected(size);
    for (int i = 0; i < 2; i++)
        if (setsockopt(to[i], IPPROTO_UDP, UDP_SEGMENT, &segment,
                       sizeof segment) == -1 ||
            setsockopt(from[i], IPPROTO_UDP, UDP_GRO, &on, sizeof on) == -1)
            err(1, "UDP_SEGMENT, UDP_GRO");
}

static void close_sockets(void)
{
    for (int i = 0; i < 2; i++) {
        close(to[i]);
        close(from[i]);
    }
}

// END is a single byte; what the others end with, they say in the message.
static void put_end(void)
{
    if (sendto(to[THERE], "", 1, 0, (struct sockaddr *)&address[THERE],
               sizeof address[THERE]) == -1)
        err(1, "sendto");
}

static void put_end_local(void)
{
    if (send(to[THERE], "", 1, 0) == -1)
        err(1, "send");
}

static void clear(void)
{
    char byte;
    ssize_t n;

    do
        n = recv(from[THERE], &byte, 1, MSG_DONTWAIT);
    while (n >= 0);
}

static long put_sendto(int where, const char *bytes, size_t size, long left)
{
    (void)left;
    if (sendto(to[where], bytes, size, 0, (struct sockaddr *)&address[where],
               sizeof address[where]) == -1)
        err(1, "sendto");
    return 1;
}

static long take_recvfrom(int where, char *bytes, size_t size, long left)
{
    struct sockaddr_in sender;
    socklen_t length = sizeof sender;
    (void)left;

    ssize_t n = recvfrom(from[where], bytes, size, 0,
                         (struct sockaddr *)&sender, &length);
    if (n == -1)
        err(1, "recvfrom");
    return (size_t)n == size;
}

static long put_send(int where, const char *bytes, size_t size, long left)
{
    (void)left;
    if (send(to[where], bytes, size, 0) == -1)
        err(1, "send");
    return 1;
}

static long take_recv(int where, char *bytes, size_t size, long left)
{
    (void)left;
    ssize_t n = recv(from[where], bytes, size, 0);
    if (n == -1)
        err(1, "recv");
    return (size_t)n == size;
}

// As many messages as there are left, up to so many, each with its bytes.
static unsigned lay_out(struct mmsghdr *many, struct iovec *parts,
                        const char *bytes, size_t size, long left)
{
    unsigned n = left < MANY ? (unsigned)left : MANY;

    for (unsigned i = 0; i < n; i++) {
        parts[i] = (struct iovec){(char *)bytes + i * size, size};
        many[i] = (struct mmsghdr){
            .msg_hdr = {.msg_iov = &parts[i], .msg_iovlen = 1}};
    }
    return n;
}

static long put_mmsg(int where, const char *bytes, size_t size, long left)
{
    struct mmsghdr many[MANY];
    struct iovec parts[MANY];

    int n =
        sendmmsg(to[where], many, lay_out(many, parts, bytes, size, left), 0);
    if (n == -1)
        err(1, "sendmmsg");
    return n;
}

static long take_mmsg(int where, char *bytes, size_t size, long left)
{
    struct mmsghdr many[MANY];
    struct iovec parts[MANY];

    int n = recvmmsg(from[where], many, lay_out(many, parts, bytes, size, left),
                     MSG_WAITFORONE, NULL);
    if (n == -1)
        err(1, "recvmmsg");
    while (n > 0 && many[n - 1].msg_len != size)
        n--; // an END
    return n;
}

// As many as fit into 64 KiB.
static long put_gso(int where, const char *bytes, size_t size, long left)
{
    long most = (long)(LONGEST / size) < MANY ? (long)(LONGEST / size) : MANY;
    long n = left < most ? left : most;

    if (send(to[where], bytes, (size_t)n * size, 0) == -1)
        err(1, "send");
    return n;
}

// The kernel says beside it how long each was: UDP_GRO in cmsg(3). We know.
static long take_gro(int where, char *bytes, size_t size, long left)
{
    (void)left;
    ssize_t n = recv(from[where], bytes, 65536, 0);
    if (n == -1)
        err(1, "recv");
    return (long)((size_t)n / size);
}

static void bare_sendto(const char *bytes, size_t size, long count)
{
    while (count-- > 0)
        sendto(to[THERE], bytes, size, 0, (struct sockaddr *)&address[THERE],
               sizeof address[THERE]);
}

static void bare_gso(const char *bytes, size_t size, long count)
{
    long most = (long)(LONGEST / size) < MANY ? (long)(LONGEST / size) : MANY;

    for (long n = 0; count > 0; count -= n) {
        n = count < most ? count : most;
        send(to[THERE], bytes, (size_t)n * size, 0);
    }
}

static long bare_recvfrom(char *bytes, size_t size, long count)
{
    struct sockaddr_in sender;
    long n = 0;

    for (socklen_t length = sizeof sender; n < count; n++)
        if (recvfrom(from[THERE], bytes, size, 0, (struct sockaddr *)&sender,
                     &length) == 1) // the END
            break;
    return n;
}

static long bare_gro(char *bytes, size_t size, long count)
{
    long all = 0;

    for (ssize_t n = 0; all < count && n != 1; all += n / (ssize_t)size)
        n = recv(from[THERE], bytes, 65536, 0);
    return all;
}

// A way of those sizes and calls; the rest is the same for all of them.
static struct bench_method method(const char *name, size_t most,
                                  void (*open)(size_t),
                                  long (*put)(int, const char *, size_t, long),
                                  long (*take)(int, char *, size_t, long))
{
    return (struct bench_method){
        .name = name,
        .most = most,
        .open = open,
        .close = close_sockets,
        .put = put,
        .take = take,
        .put_end = open == open_local ? put_end_local : put_end,
        .clear = clear,
    };
}

static struct bench_method batch(struct bench_method w)
{
    w.only_one_way = true;
    return w;
}

static struct bench_method bare(const char *name, size_t most,
                                void (*open)(size_t),
                                void (*put)(const char *, size_t, long),
                                long (*take)(char *, size_t, long))
{
    struct bench_method w = method(name, most, open, NULL, NULL);

    w.put_bare = put;
    w.take_bare = take;
    return w;
}

int main(int argc, char *argv[])
{
    program_start();
    // 1472: what fits into a packet of an Ethernet.
    const size_t sizes[] = {64, 1024, 1472, 4096, LONGEST, 0};
    const struct bench_method methods[] = {
        method("sendto", LONGEST, open_sockets, put_sendto, take_recvfrom),
        method("connected", LONGEST, open_connected, put_send, take_recv),
        method("local", LONGEST, open_local, put_send, take_recv),
        batch(method("mmsg", 4096, open_connected, put_mmsg, take_mmsg)),
        batch(method("gso", 4096, open_gso, put_gso, take_gro)),
        bare("baresendto", LONGEST, open_sockets, bare_sendto, bare_recvfrom),
        bare("baregso", 4096, open_gso, bare_gso, bare_gro),
    };
    struct bench bench;
    if (!bench_asked(&bench, argc, argv, false))
        return usage(argc, argv, BENCH_SYNOPSIS "[WAY]...");

    return bench_run(&bench, methods, sizeof methods / sizeof *methods, sizes);
}
