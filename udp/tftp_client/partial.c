/*
 * udp/tftp_client/partial.c -- see partial.h.
 */
#define _GNU_SOURCE // O_PATH, O_TMPFILE
#include "partial.h"

#include <inttypes.h>
#include <sys/file.h>

#include "../../common/stream.h"

#define PARTIAL_NAME_MAX 230 // bytes of TO's name, which may have NAME_MAX

void partial_discard(const struct partial *p)
{
    if (p->file == -1)
        return; // it may be another client's
    unlinkat(p->where.folder, p->part, 0);
    unlinkat(p->where.folder, p->proof, 0);
}

// Open and lock the part. 0; -1 and errno: EBUSY if another client has it.
static int partial_lock(struct partial *p)
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
        // Its owner before us may have renamed it, or removed it.
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
static bool partial_belongs(const struct partial *p, const char *origin)
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

int partial_empty(const struct partial *p, struct tftp_sink *sink)
{
    if (ftruncate(p->file, 0) == -1 || lseek(p->file, 0, SEEK_SET) == -1)
        return -1;
    tftp_sink_start(sink, p->file);
    return 0;
}

// First empty what is of another file, then say of which it is from now on: if
// we are killed in between, there is no proof.
static int partial_claim(const struct partial *p, const char *origin)
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

// A name beside TO. One that gets too long is cut, and told from others by its
// checksum.
static void partial_name(char name[NAME_MAX + 1], const char *to,
                         const char *suffix)
{
    struct cksum sum;
    char crc[10] = "";

    if (strlen(to) > PARTIAL_NAME_MAX) {
        cksum_start(&sum);
        cksum_add(&sum, (const uint8_t *)to, strlen(to));
        snprintf(crc, sizeof crc, "~%08" PRIx32, cksum_end(&sum));
    }
    snprintf(name, NAME_MAX + 1, ".%.*s%s%s", PARTIAL_NAME_MAX, to, crc,
             suffix);
}

int partial_open(struct partial *p, const char *origin, struct tftp_sink *sink)
{
    static uint8_t bytes[1 << 16];
    ssize_t n;

    partial_name(p->part, p->where.name, ".part");
    partial_name(p->proof, p->where.name, ".proof");
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

int partial_commit(struct partial *p)
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
