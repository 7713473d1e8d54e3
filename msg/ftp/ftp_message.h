/*
 * msg/ftp/ftp_message.h -- the messages of common/ftp.h, to compute with.
 *
 * Only ftp_encode() and ftp_decode() cross from one form to the other.
 */
#ifndef MSG_FTP_FTP_MESSAGE_H
#define MSG_FTP_FTP_MESSAGE_H

#include <arpa/inet.h>
#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "../../common/ftp.h"

struct ftp_message {
    enum ftp_kind kind;
    uint64_t offset;
    uint64_t total;
    uint32_t cksum;
    uint32_t queue;
    const void *bytes; // those of the file, the reason, or the path
    size_t count;      // of bytes, at least one where they belong
};

// Where the bytes of such a message begin, or where it ends. 0: no such kind.
static inline size_t ftp_fixed_size(long kind)
{
    switch (kind) {
    case FTP_DATA:
        return offsetof(struct ftp_data_wire, bytes);
    case FTP_EOT:
        return sizeof(struct ftp_eot_wire);
    case FTP_ERROR:
        return offsetof(struct ftp_error_wire, reason);
    case FTP_PATH:
        return offsetof(struct ftp_path_wire, path);
    case FTP_DONE:
        return sizeof(struct ftp_head_wire);
    case FTP_CALL:
        return sizeof(struct ftp_call_wire);
    default:
        return 0;
    }
}

// Write *m into *msg; bytes that lie where they belong already are not copied.
// Returns the size for msgsnd, at most FTP_SIZE_MAX: more than fits is cut off.
static inline size_t ftp_encode(struct ftp_msg *msg,
                                const struct ftp_message *m)
{
    size_t start = ftp_fixed_size(m->kind);
    size_t count = m->count;
    if (count > FTP_SIZE_MAX - start)
        count = FTP_SIZE_MAX - start;

    msg->mtype = m->kind;
    msg->head = (struct ftp_head_wire){
        .kind = htonl(m->kind),
        .version = htons(FTP_VERSION),
        .size = htons((uint16_t)(start + count)),
    };
    if (m->kind == FTP_DATA) {
        msg->data.offset = htobe64(m->offset);
        msg->data.total = htobe64(m->total);
    } else if (m->kind == FTP_EOT) {
        msg->eot.offset = htobe64(m->offset);
        msg->eot.cksum = htonl(m->cksum);
    } else if (m->kind == FTP_PATH || m->kind == FTP_CALL) {
        msg->call.queue = htonl(m->queue); // the same place in both
    }
    uint8_t *bytes = (uint8_t *)&msg->head + start;
    if (count > 0 && m->bytes != bytes)
        memcpy(bytes, m->bytes, count);
    return start + count;
}

// Fill *m from the n bytes received into *msg; its bytes stay in there. False
// if that is no message of this protocol.
static inline bool ftp_decode(struct ftp_message *m, const struct ftp_msg *msg,
                              size_t n)
{
    size_t start = ftp_fixed_size(msg->mtype);
    bool has_bytes = msg->mtype == FTP_DATA || msg->mtype == FTP_ERROR ||
                     msg->mtype == FTP_PATH;

    if (start == 0 || (has_bytes ? n <= start : n != start))
        return false;
    if (n > FTP_SIZE_MAX || ntohs(msg->head.size) != n)
        return false;
    if (ntohl(msg->head.kind) != (uint32_t)msg->mtype ||
        ntohs(msg->head.version) != FTP_VERSION)
        return false;

    *m = (struct ftp_message){
        .kind = (enum ftp_kind)msg->mtype,
        .bytes = (const uint8_t *)&msg->head + start,
        .count = n - start,
    };
    if (m->kind == FTP_DATA) {
        m->offset = be64toh(msg->data.offset);
        m->total = be64toh(msg->data.total);
    } else if (m->kind == FTP_EOT) {
        m->offset = be64toh(msg->eot.offset);
        m->cksum = ntohl(msg->eot.cksum);
    } else if (m->kind == FTP_PATH || m->kind == FTP_CALL) {
        m->queue = ntohl(msg->call.queue);
    }
    // A path with a NUL would be another path to the kernel than to us.
    return m->kind != FTP_PATH || !memchr(m->bytes, '\0', m->count);
}

#endif
