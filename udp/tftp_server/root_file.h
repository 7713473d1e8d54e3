/*
 * udp/tftp_server/root_file.h -- the files of transfers: below ROOT.
 *
 * A file that is sent must be one that others may read, as TFTP servers have
 * always had it: there are no passwords here. One that is received must be new,
 * and appears when it is whole; until then it has no name.
 */
#ifndef UDP_TFTP_SERVER_ROOT_FILE_H
#define UDP_TFTP_SERVER_ROOT_FILE_H

#include "../../common/atomic_file.h"

// Open a file to be sent. A descriptor, and *about filled; -1 and errno.
int root_file_open(int root, const char *path, struct stat *about);

// Open a file without a name, that will be there. 0; -1 and errno.
int root_file_create(struct atomic_file *f, int root, const char *path);

// It is whole: put it on the disk, then give it its name, if that has not been
// taken meanwhile. 0; -1 and errno.
int root_file_commit(const struct atomic_file *f);

#endif
