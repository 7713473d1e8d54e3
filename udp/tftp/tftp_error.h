/*
 * udp/tftp/tftp_error.h -- why a transfer fails: the code and the text of an
 * ERROR, to be sent or received.
 */
#ifndef UDP_TFTP_TFTP_ERROR_H
#define UDP_TFTP_TFTP_ERROR_H

#include <errno.h>

#include "../../common/tftp.h"

struct tftp_error {
    unsigned code; // enum tftp_error_code, or what else a peer sends
    char text[256];
};

static inline struct tftp_error tftp_error(unsigned code, const char *text)
{
    struct tftp_error e = {.code = code};

    snprintf(e.text, sizeof e.text, "%s", text);
    return e;
}

// The ERROR for an errno.
static inline struct tftp_error tftp_error_from_errno(int error)
{
    static const struct {
        int error;
        enum tftp_error_code code;
        const char *text; // NULL: strerror(3)
    } table[] = {
        {ENOENT, TFTP_ERROR_NOT_FOUND, NULL},
        {ENOTDIR, TFTP_ERROR_NOT_FOUND, NULL},
        {ENAMETOOLONG, TFTP_ERROR_NOT_FOUND, NULL},
        {EACCES, TFTP_ERROR_ACCESS, NULL},
        {EPERM, TFTP_ERROR_ACCESS, NULL},
        {EROFS, TFTP_ERROR_ACCESS, NULL},
        {ELOOP, TFTP_ERROR_ACCESS, NULL},
        {EISDIR, TFTP_ERROR_ACCESS, NULL},
        {EXDEV, TFTP_ERROR_ACCESS, "Outside the directory served"},
        {ENOSPC, TFTP_ERROR_DISK_FULL, NULL},
        {EDQUOT, TFTP_ERROR_DISK_FULL, NULL},
        {EFBIG, TFTP_ERROR_DISK_FULL, NULL},
        {EEXIST, TFTP_ERROR_EXISTS, NULL},
        {ENOTSUP, TFTP_ERROR_UNDEFINED, "Not a regular file"},
        {ESTALE, TFTP_ERROR_UNDEFINED, "File changed while it was read"},
        {EBADMSG, TFTP_ERROR_UNDEFINED, "Wrong checksum or size"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].error == error)
            return tftp_error(table[i].code,
                              table[i].text ? table[i].text : strerror(error));
    return tftp_error(TFTP_ERROR_UNDEFINED, strerror(error));
}

// The ERROR that was received. Where its text is empty, what the RFCs say of
// its code.
static inline struct tftp_error
tftp_error_from_packet(const struct tftp_packet *p)
{
    static const char *const texts[] = {
        "Error without a text",      "File not found",
        "Access violation",          "Disk full or allocation exceeded",
        "Illegal TFTP operation",    "Unknown transfer ID",
        "File already exists",       "No such user",
        "Option negotiation failed",
    };
    struct tftp_error e = {.code = p->block};

    if (p->count > 0)
        snprintf(e.text, sizeof e.text, "%.*s", (int)p->count,
                 (const char *)p->bytes);
    else if (p->block < sizeof texts / sizeof *texts)
        snprintf(e.text, sizeof e.text, "%s", texts[p->block]);
    else
        snprintf(e.text, sizeof e.text, "Error %u", p->block);
    return e;
}

#endif
