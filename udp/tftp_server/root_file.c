/*
 * udp/tftp_server/root_file.c -- see root_file.h.
 */
#define _GNU_SOURCE // O_PATH, O_TMPFILE
#include "root_file.h"

#include <stdlib.h>

#include "../../common/beneath.h"

// The path below ROOT: to a TFTP client, ROOT is /.
static const char *root_file_path(const char *path)
{
    while (*path == '/')
        path++;
    return path;
}

int root_file_open(int root, const char *path, struct stat *about)
{
    int file = open_file_beneath(root, root_file_path(path), about);

    if (file == -1 || (about->st_mode & S_IROTH) != 0)
        return file;
    close(file);
    errno = EACCES;
    return -1;
}

int root_file_create(struct atomic_file *f, int root, const char *path)
{
    char folder[PATH_MAX];
    struct stat about;

    *f = (struct atomic_file){.folder = -1, .file = -1};
    int length = snprintf(folder, sizeof folder, "%s", root_file_path(path));
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
        errno = EEXIST; // linkat(2) finds that out, too, but at the end
        return -1;
    }
    return errno == ENOENT ? atomic_file_create(f) : -1;
}

int root_file_commit(const struct atomic_file *f)
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
