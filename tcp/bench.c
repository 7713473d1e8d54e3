/*
 * tcp/bench.c -- what a connection costs, as the lessons use it and faster.
 *
 * Shows:   write     as the lessons do: a write and a read for each message
 *          local     the same over a local socket (AF_UNIX)
 *          batch     what is small goes together, 64 KiB in each call
 *          buffers   4 MiB of room in each socket, instead of what the kernel
 *                    thinks is right
 *          readwrite from a file in memory: read it, then write
 *          sendfile  the same without a buffer in between
 *          parts     a message in two writes, a head and a body. The second
 *                    waits until the first is acknowledged, which the other end
 *                    puts off (Nagle's algorithm, and a delayed ACK)
 *          nodelay   the same with TCP_NODELAY: it does not wait
 *          bare...   the calls of write and sendfile, and nothing else
 *
 * Run:     $ build/tcp/bench --quick
 *
 * Prints:  way <columns>
 *          <...>
 *
 * Read:    tcp(7), write(2), read(2), setsockopt(2), sendfile(2)
 */
#define _GNU_SOURCE // accept4, memfd_create; bench.h
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/bench/bench.h"
#include "../common/bench/bench_stream.h"
#include "../common/program.h"
#include "sockets.h"

#define HEAD 4u // bytes of a message that parts writes first

static int file = -1; // 1 MiB for sendfile

static void set(int level, int option, int value)
{
    for (int i = 0; i < 2; i++)
        if (setsockopt(stream_to[i], level, option, &value, sizeof value) == -1)
            err(1, "setsockopt");
}

static void open_connection(size_t size)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    (void)size;

    int listener = tcp_listen("127.0.0.1", "0", 1);
    if (listener == -1)
        exit(1);
    if (getsockname(listener, (struct sockaddr *)&address, &length) == -1)
        err(1, "getsockname");
    int sender = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (sender == -1 ||
        connect(sender, (struct sockaddr *)&address, length) == -1)
        err(1, "connect");
    int receiver = tcp_accept(listener);
    if (receiver == -1)
        err(1, "accept");
    close(listener);
    // A connection goes both methods: each end is to write, and to read.
    stream_to[THERE] = stream_from[BACK] = sender;
    stream_to[BACK] = stream_from[THERE] = receiver;
}

static void open_local(size_t size)
{
    int ends[2];
    (void)size;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1)
        err(1, "socketpair");
    stream_to[THERE] = stream_from[BACK] = ends[0];
    stream_to[BACK] = stream_from[THERE] = ends[1];
}

static void open_buffers(size_t size)
{
    open_connection(size);
    set(SOL_SOCKET, SO_SNDBUF, 4 * MIB);
    set(SOL_SOCKET, SO_RCVBUF, 4 * MIB);
}

static void open_nodelay(size_t size)
{
    open_connection(size);
    set(IPPROTO_TCP, TCP_NODELAY, 1);
}

static void open_sendfile(size_t size)
{
    static char bytes[MIB];

    open_connection(size);
    for (size_t i = 0; i < MIB; i++)
        bytes[i] = (char)(i % 64 * 37);
    file = memfd_create("bench", MFD_CLOEXEC);
    if (file == -1 || write_full(file, bytes, MIB) == -1)
        err(1, "memfd_create");
}

static void close_connection(void)
{
    close(stream_to[THERE]);
    close(stream_to[BACK]);
    if (file != -1)
        close(file);
    file = -1;
}

static long put_parts(int where, const char *bytes, size_t size, long left)
{
    (void)left;
    stream_put(where, bytes, HEAD, 1);
    stream_put(where, bytes + HEAD, size - HEAD, 1);
    return 1;
}

static long put_read_write(int where, const char *bytes, size_t size, long left)
{
    static char buffer[MIB];
    (void)bytes, (void)left;

    if (pread(file, buffer, size, 0) != (ssize_t)size)
        err(1, "pread");
    return stream_put(where, buffer, size, 1);
}

static long put_sendfile(int where, const char *bytes, size_t size, long left)
{
    (void)bytes, (void)left;
    for (off_t at = 0; at < (off_t)size;)
        if (sendfile(stream_to[where], file, &at, size - (size_t)at) == -1)
            err(1, "sendfile");
    return 1;
}

static void bare_sendfile(const char *bytes, size_t size, long count)
{
    (void)bytes;
    while (count-- > 0) {
        off_t at = 0;
        ssize_t n;
        do
            n = sendfile(stream_to[THERE], file, &at, size - (size_t)at);
        while (n != -1 && at < (off_t)size);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    const size_t sizes[] = {64, 1024, 4096, 65536, MIB, 0};
    const struct bench_method methods[] = {
        stream_method("write", open_connection, close_connection),
        stream_method("local", open_local, close_connection),
        {.name = "batch",
         .most = 4096,
         .only_one_way = true,
         .open = open_connection,
         .close = close_connection,
         .put = stream_put_batch,
         .take = stream_take_batch},
        {.name = "buffers",
         .least = 4096,
         .most = MIB,
         .open = open_buffers,
         .close = close_connection,
         .put = stream_put,
         .take = stream_take},
        {.name = "readwrite",
         .least = 4096,
         .most = MIB,
         .open = open_sendfile,
         .close = close_connection,
         .put = put_read_write,
         .take = stream_take},
        {.name = "sendfile",
         .least = 4096,
         .most = MIB,
         .open = open_sendfile,
         .close = close_connection,
         .put = put_sendfile,
         .take = stream_take},
        {.name = "parts",
         .most = 64,
         .waits = true,
         .open = open_connection,
         .close = close_connection,
         .put = put_parts,
         .take = stream_take},
        {.name = "nodelay",
         .most = 64,
         .waits = true,
         .open = open_nodelay,
         .close = close_connection,
         .put = put_parts,
         .take = stream_take},
        stream_bare_method(open_connection, close_connection),
        {.name = "baresendf",
         .least = 4096,
         .most = MIB,
         .open = open_sendfile,
         .close = close_connection,
         .put_bare = bare_sendfile,
         .take_bare = stream_take_bare},
    };
    struct bench bench;
    if (!bench_asked(&bench, argc, argv, false))
        return usage(argc, argv, BENCH_SYNOPSIS "[WAY]...");

    return bench_run(&bench, methods, sizeof methods / sizeof *methods, sizes);
}
