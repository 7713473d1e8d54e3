/*
 * msg/ftp_server/files.h -- the folder that is served, and the worker.
 */
#ifndef MSG_FTP_SERVER_FILES_H
#define MSG_FTP_SERVER_FILES_H

#include <stdbool.h>

// Descriptors, O_PATH; -1 before files_open.
extern int files_root;
extern int files_worker;

// Where ROOT is: an absolute path, since a daemon leaves its folder. False and
// errno.
bool files_set_root(const char *path);

// Open the folder, and the worker that lies beside our own program; or both
// again. Logs what failed, and then keeps those it has.
bool files_open(void);

#endif
