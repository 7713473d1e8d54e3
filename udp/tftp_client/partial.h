/*
 * udp/tftp_client/partial.h -- what has come of a file, kept beside it.
 *
 *     TO            as it was before, until the new one is whole
 *     .TO.part      the first bytes of the new one
 *     .TO.proof     where they come from: host, port, path
 *
 * If the transfer breaks off, the next one finds both. It sends the number of
 * those bytes and their checksum; the server goes on behind them if its file
 * begins so, and from the start if it does not. A lock keeps a second client
 * that wants the same TO out.
 *
 * Define _GNU_SOURCE before the first #include.
 */
#ifndef UDP_TFTP_CLIENT_PARTIAL_H
#define UDP_TFTP_CLIENT_PARTIAL_H

#include <sys/file.h>

#include "../../common/atomic_file.h"
#include "../tftp/tftp_sink.h"

struct partial {
    struct atomic_file where; // TO: its folder and name
    char part[NAME_MAX + 1];
    char proof[NAME_MAX + 1];
    int file; // the part; -1 if it is not open
};

static inline void partial_drop(const struct partial *p)
{
    if (p->file == -1)
        return; // it may be somebody else's
    unlinkat(p->where.folder, p->part, 0);
    unlinkat(p->where.folder, p->proof, 0);
}

// Open and lock the part. 0; -1 and errno: EBUSY if somebody else has it.
static inline int partial_lock(struct partial *p)
{
    for (;;) {
        struct stat open_one;
        struct stat named;
        int file = openat(p->where.folder, p->part,
                          O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (file == -1)
            return -1;
        if (flock(file, LOCK_EX | LOCK_NB) == -1) {
            close(file);
            errno = EBUSY;
            return -1;
        }
        // Whoever had the lock before may have renamed it, or removed it.
        if (fstat(file, &open_one) == 0 &&
            fstatat(p->where.folder, p->part, &named, AT_SYMLINK_NOFOLLOW) ==
                0 &&
            open_one.st_ino == named.st_ino &&
            open_one.st_dev == named.st_dev) {
            p->file = file;
            return 0;
        }
        close(file);
    }
}

// Whether the proof says that the part comes from there.
static inline bool partial_belongs(const struct partial *p, const char *origin)
{
    char text[PATH_MAX + 512];

    int file =
        openat(p->where.folder, p->proof, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file == -1)
        return false;
    ssize_t n = read_full(file, text, sizeof text);
    close(file);
    return n >= 0 && (size_t)n == strlen(origin) &&
           memcmp(text, origin, (size_t)n) == 0;
}

// Begin the file anew. 0; -1 and errno.
static inline int partial_empty(const struct partial *p, struct tftp_sink *sink)
{
    if (ftruncate(p->file, 0) == -1 || lseek(p->file, 0, SEEK_SET) == -1)
        return -1;
    tftp_sink_start(sink, p->file);
    return 0;
}

// First empty what is of another file, then say of which it is from now on: if
// we are killed in between, it is of nobody's.
static inline int partial_claim(const struct partial *p, const char *origin)
{
    if (ftruncate(p->file, 0) == -1 ||
        (unlinkat(p->where.folder, p->proof, 0) == -1 && errno != ENOENT))
        return -1;
    int file = openat(p->where.folder, p->proof,
                      O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file == -1)
        return -1;
    int written = write_full(file, origin, strlen(origin));
    int error = errno;
    if (close(file) == -1 && written == 0) {
        written = -1;
        error = errno;
    }
    errno = error;
    return written;
}

// Open what there is already of TO from that origin, and take it into the sink.
// 0; -1 and errno.
static inline int partial_open(struct partial *p, const char *origin,
                               struct tftp_sink *sink)
{
    static uint8_t bytes[1 << 16];
    ssize_t n;

    snprintf(p->part, sizeof p->part, ".%.240s.part", p->where.name);
    snprintf(p->proof, sizeof p->proof, ".%.240s.proof", p->where.name);
    if (partial_lock(p) == -1)
        return -1;
    if (!partial_belongs(p, origin) && partial_claim(p, origin) == -1)
        return -1;
    tftp_sink_start(sink, p->file);
    while ((n = read_full(p->file, bytes, sizeof bytes)) > 0) {
        cksum_add(&sink->sum, bytes, (size_t)n);
        sink->received += (uint64_t)n;
    }
    return n == -1 ? -1 : 0;
}

// It is whole: put it on the disk, and in place of TO. 0; -1 and errno.
static inline int partial_keep(struct partial *p)
{
    if ((p->where.mode != 0 && fchmod(p->file, p->where.mode) == -1) ||
        fsync(p->file) == -1 ||
        renameat(p->where.folder, p->part, p->where.folder, p->where.name) ==
            -1)
        return -1;
    unlinkat(p->where.folder, p->proof, 0);
    p->file = -1; // and its name is not ours any more
    atomic_file_sync_folder(p->where.folder);
    return 0;
}

#endif
