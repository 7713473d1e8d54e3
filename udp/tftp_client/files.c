/*
 * udp/tftp_client/files.c -- the file that the client sends or receives.
 */
#define _GNU_SOURCE // O_PATH, O_TMPFILE, recvmmsg
#include <err.h>
#include <fcntl.h>

#include "../../common/termination.h"
#include "client.h"

static struct client *opened; // for remove_part

// At exit, and when a signal ends the program: keep the part only if the next
// transfer can go on with it.
static void remove_part(void)
{
    struct stat about; // what has come need not have been written

    if (!opened->may_resume || fstat(opened->partial.file, &about) == -1 ||
        about.st_size == 0)
        partial_discard(&opened->partial);
}

static void open_source(struct client *c)
{
    const char *from = c->arguments.from;
    struct stat about;

    int file = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file == -1 || fstat(file, &about) == -1)
        err(1, "%s", from);
    if (!S_ISREG(about.st_mode))
        errx(1, "%s: %s", from,
             S_ISDIR(about.st_mode) ? strerror(EISDIR) : "Not a regular file");
    tftp_source_start(&c->source, file, &about);
}

static void open_part(struct client *c)
{
    static char origin[PATH_MAX + 512];
    const struct arguments *a = &c->arguments;
    struct partial *part = &c->partial;

    if (atomic_file_locate(&part->where, a->to, a->from) == -1)
        errx(1, "%s: %s", part->where.path,
             errno == ENOTSUP ? "Not a regular file" : strerror(errno));
    snprintf(origin, sizeof origin, "tftp %s %s %s\n%s\n", a->host, a->port,
             a->netascii ? "netascii" : "octet", a->from);
    opened = c;
    part->file = -1;
    block_termination();
    int result = partial_open(part, origin, &c->sink);
    if (result == 0 && a->netascii) // no checksum: it could not be compared
        result = partial_empty(part, &c->sink);
    int error = errno;
    c->may_resume = result == 0 && c->sink.received > 0;
    on_termination(remove_part);
    if (result == 0)
        return;
    if (error == EBUSY)
        errx(1, "%s: another transfer is writing it", part->where.path);
    errno = error;
    err(1, "%s", part->where.path);
}

void client_open_files(struct client *c)
{
    if (c->arguments.put)
        open_source(c);
    else
        open_part(c);
}

int client_commit(struct tftp_transfer *t)
{
    struct client *c = (struct client *)t;

    if (!tftp_sink_whole(&c->sink)) {
        c->may_resume = false;
        errno = EBADMSG;
        return -1;
    }
    block_termination(); // or a signal would leave the proof without its part
    int result = partial_commit(&c->partial);
    int error = errno;
    unblock_termination();
    errno = error;
    return result;
}

// After each event.
void client_progress(struct tftp_transfer *t)
{
    struct client *c = (struct client *)t;
    const struct tftp_options *o = &t->agreed;
    uint64_t done = c->sink.received;

    if (c->arguments.put) { // what is read ahead has not arrived yet
        done = tftp_sender_arrived(&t->sender);
        done = done < c->source.sent ? done : c->source.sent;
    }
    progress_show(&c->progress, done,
                  tftp_options_has(o, TFTP_OPTION_TSIZE)
                      ? o->value[TFTP_OPTION_TSIZE]
                      : 0);
}
