/*
 * udp/tftp_client/main.c -- fetch a file from any TFTP server, or store one.
 *
 * Shows:   A file over a network that loses packets: a window of blocks in
 *          flight, each of them acknowledged; a retransmission timer; and at
 *          the end a proof that what came is what was sent. A transfer that was
 *          interrupted goes on where it was.
 *
 * Run:     start udp/tftp_server/main.c first; its header has both commands
 *
 * Prints:  <cksum> <bytes> copy
 *
 * Read:    udp(7), socket(7), connect(2), recvmmsg(2), sendmmsg(2), flock(2),
 *          fsync(2), renameat(2); RFC 1350, 2347, 2348, 2349, 7440, 6298, 8985
 */
#define _GNU_SOURCE // ppoll, recvmmsg, sendmmsg, O_PATH, O_TMPFILE
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/printable.h"
#include "../../common/program.h"
#include "../tftp/tftp_run.h"
#include "client.h"

// Set *a from the command line; false if that is wrong.
static bool parse_arguments(struct arguments *a, int argc, char *argv[])
{
    const struct option options[] = {
        {"put", no_argument, NULL, 'p'},
        {"netascii", no_argument, NULL, 'n'},
        {"no-options", no_argument, NULL, 'o'},
        {"window", required_argument, NULL, 'w'},
        {"block", required_argument, NULL, 'b'},
        {"timeout", required_argument, NULL, 't'},
        {0},
    };
    bool ok = true;
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        if (option == 'w')
            ok &= parse_long(optarg, 1, TFTP_WINDOW_MAX, &a->window);
        else if (option == 'b')
            ok &= parse_long(optarg, 8, TFTP_BLOCK_MAX, &a->block);
        else if (option == 't')
            ok &= parse_long(optarg, 1, 3600, &a->timeout);
        ok &= option != '?';
        a->put |= option == 'p';
        a->netascii |= option == 'n';
        a->no_options |= option == 'o';
    }
    if (!ok || argc - optind != 4 || !is_port(argv[optind + 1]))
        return false;
    a->host = argv[optind];
    a->port = argv[optind + 1];
    a->from = argv[optind + 2];
    a->to = argv[optind + 3];
    return true;
}

static void find_server(struct client *c)
{
    const struct arguments *a = &c->arguments;
    struct sockaddr_storage here = {0};
    struct sockaddr_storage server = {0};
    struct addrinfo *found;

    int error = address_find(a->host, a->port, SOCK_DGRAM, 0, &found);
    if (error != 0)
        errx(1, "%s port %s: %s", a->host, a->port, gai_strerror(error));
    memcpy(&server, found->ai_addr, found->ai_addrlen);
    here.ss_family = (sa_family_t)found->ai_family;
    freeaddrinfo(found);
    if (tftp_sockets_open(&c->sockets, &here, &server, false) == -1)
        err(1, "%s port %s", a->host, a->port);
}

int main(int argc, char *argv[])
{
    static const char synopsis[] =
        "tftp_client [--put] [--netascii] [--no-options] [--window N] "
        "[--block N] [--timeout S] ADDRESS PORT FROM TO";
    static struct client c = {.arguments.timeout = 20};
    struct arguments *a = &c.arguments;
    struct tftp_transfer *t = &c.transfer;

    program_start();
    if (!parse_arguments(a, argc, argv))
        return usage(argc, argv, synopsis);
    const char *name = a->put ? a->to : a->from;
    if (*name == '\0')
        errx(1, "%s: %s", name, strerror(ENOENT));

    signal(SIGXFSZ, SIG_IGN); // a file that gets too long is EFBIG
    find_server(&c);
    client_open_files(&c);
    tftp_transfer_start(t, a->put ? TFTP_WRQ : TFTP_RRQ, &c.sockets.net,
                        a->timeout * 1000000, a->timeout * 1000000);
    client_request(&c);
    t->answered = client_answered;
    t->commit = client_commit;
    t->progress = client_progress;
    progress_start(&c.progress, a->from);

    struct tftp_step first = {a->put ? TFTP_WRQ_SENT : TFTP_RRQ_SENT,
                              TFTP_SEND_FIRST};
    enum tftp_state end = tftp_run(t, first);
    progress_end(&c.progress);
    if (end == TFTP_FAILED && t->last_event == TFTP_PEER_SILENT)
        errx(1, "%s: nothing from the server for %ld s", name, a->timeout);
    if (end == TFTP_FAILED)
        errx(1, "%s: %s", name, printable(t->error.text));
    if (a->put)
        printf("%" PRIu32 " %" PRIu64 " %s\n", cksum_end(&c.source.sum),
               c.source.sent, a->to);
    else
        printf("%" PRIu32 " %" PRIu64 " %s\n", cksum_end(&c.sink.sum),
               c.sink.received, c.partial.where.path);
    return 0;
}
