/*
 * tcp/httpd/upload.c -- take the body of a request off the connection.
 *
 * Shows:   A file that has no name and is in no directory, memfd_create(2). A
 *          script gets it as its standard input: it begins where the body
 *          begins and ends where the body ends, whatever was sent after it. No
 *          script has to run while a slow client is still sending, and none
 *          can deadlock with the server because it writes before it reads.
 *
 * Read:    memfd_create(2), RFC 9110 section 10.1.1 (Expect)
 */
#define _GNU_SOURCE // memfd_create
#include "upload.h"

#include <sys/mman.h>
#include <unistd.h>

#include "../../common/stream.h"
#include "deadline.h"

static int receive_all(struct connection *c, int file)
{
    long long deadline = now_ms() + 2 * c->server->timeout_ms;

    for (;;) {
        struct text in = {c->buffer + c->start, c->end - c->start}, data;
        while (in.length > 0 && c->body.state != BODY_DONE &&
               c->body.state != BODY_BAD) {
            body_step(&c->body, &in, &data);
            if (file != -1 && write_full(file, data.at, data.length) == -1)
                return 503;
        }
        c->start = c->end - in.length;
        if (c->body.state == BODY_DONE)
            return 0;
        if (c->body.state == BODY_BAD)
            return 400;
        if (c->body.length > c->server->body_max)
            return 413;

        c->start = c->end = c->head; // all of it is used
        switch (connection_read(c, deadline)) {
        case ARRIVED:
            break;
        case ENDED:
            return 400;
        case LATE:
            return 408;
        }
    }
}

// Read to the end of the body; what is in it goes to the file, or nowhere (-1).
// Returns 0, or the status to answer with.
static int receive(struct connection *c, int file)
{
    connection_waits(c);
    int refusal = receive_all(c, file);
    connection_busy();
    return refusal;
}

int upload_receive(struct connection *c, int *file)
{
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";

    if (c->request.body_length > c->server->body_max)
        return 413;
    if (c->awaits_100) {
        c->awaits_100 = false;
        if (!connection_write(c, interim, sizeof interim - 1))
            return 400;
    }
    *file = memfd_create("body", MFD_CLOEXEC);
    if (*file == -1)
        return 503;
    int refusal = receive(c, *file);
    if (refusal == 0 && c->body.length > c->server->body_max)
        refusal = 413;
    if (refusal == 0 && lseek(*file, 0, SEEK_SET) == -1)
        refusal = 503;
    if (refusal != 0)
        close(*file);
    return refusal;
}

bool upload_discard(struct connection *c)
{
    return c->body.state == BODY_DONE ||
           (c->request.body_length <= c->server->body_max &&
            receive(c, -1) == 0);
}
