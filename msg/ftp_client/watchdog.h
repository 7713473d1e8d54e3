/*
 * msg/ftp_client/watchdog.h -- a child that cleans up after a killed client.
 */
#ifndef MSG_FTP_CLIENT_WATCHDOG_H
#define MSG_FTP_CLIENT_WATCHDOG_H

#include <stdbool.h>

#include "../../common/atomic_file.h"

// Start it: it makes a private queue, whose id this returns, and removes that
// and what there is of the file when we end, however that comes. -1: that has
// been said.
int watchdog_start(struct atomic_file *target);

// Let it clean up now, and wait for it. A signal handler may call this; a
// second call does nothing.
void watchdog_clean_up(void);

#endif
