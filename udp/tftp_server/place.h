/*
 * udp/tftp_server/place.h -- where a file of a transfer is: below ROOT.
 *
 * A file that is fetched must be one that everybody may read, as TFTP servers
 * have always had it: nobody is asked for a password here. One that is stored
 * must be new, and is there when it is whole; until then it has no name.
 */
#ifndef UDP_TFTP_SERVER_PLACE_H
#define UDP_TFTP_SERVER_PLACE_H

#include <stdlib.h>

#include "../../common/atomic_file.h"
#include "../../common/beneath.h"

// The path below ROOT: to a TFTP client, ROOT is /.
static inline const char *place_path(const char *path)
{
    while (*path == '/')
        path++;
    return path;
}

// Open a file to be sent. A descriptor, and *about filled; -1 and errno.
static inline int place_fetch(int root, const char *path, struct stat *about)
{
    int file = open_file_beneath(root, place_path(path), about);

    if (file == -1 || (about->st_mode & S_IROTH) != 0)
        return file;
    close(file);
    errno = EACCES;
    return -1;
}

// Open a file without a name, to be stored there. 0; -1 and errno.
static inline int place_store(struct atomic_file *f, int root, const char *path)
{
    char folder[PATH_MAX];
    struct stat about;

    *f = (struct atomic_file){.folder = -1, .file = -1};
    int length = snprintf(folder, sizeof folder, "%s", place_path(path));
    if (length >= (int)sizeof folder) {
        errno = ENAMETOOLONG;
        return -1;
    }
    char *slash = strrchr(folder, '/');
    snprintf(f->name, sizeof f->name, "%s", slash ? slash + 1 : folder);
    if (slash)
        *slash = '\0';
    if (f->name[0] == '\0' || strcmp(f->name, ".") == 0 ||
        strcmp(f->name, "..") == 0) {
        errno = EISDIR;
        return -1;
    }
    snprintf(f->temporary, sizeof f->temporary, ".atomic_file.%d",
             (int)getpid());
    f->folder = open_beneath(root, slash ? folder : ".",
                             O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (f->folder == -1)
        return -1;
    if (fstatat(f->folder, f->name, &about, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST; // found out again in the end, when it counts
        return -1;
    }
    return errno == ENOENT ? atomic_file_create(f) : -1;
}

// It is whole: put it on the disk, then give it its name, if nobody else has
// that meanwhile. 0; -1 and errno.
static inline int place_keep(const struct atomic_file *f)
{
    char open_file[32];
    snprintf(open_file, sizeof open_file, "/proc/self/fd/%d", f->file);

    if (fsync(f->file) == -1)
        return -1;
    int linked = f->is_named
                     ? linkat(f->folder, f->temporary, f->folder, f->name, 0)
                     : linkat(AT_FDCWD, open_file, f->folder, f->name,
                              AT_SYMLINK_FOLLOW);
    int error = errno;
    if (linked == 0)
        atomic_file_sync_folder(f->folder);
    atomic_file_discard(f);
    errno = error;
    return linked;
}

#endif
