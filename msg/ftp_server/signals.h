/*
 * msg/ftp_server/signals.h -- signals while the server waits in msgrcv.
 */
#ifndef MSG_FTP_SERVER_SIGNALS_H
#define MSG_FTP_SERVER_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

extern volatile sig_atomic_t signals_end;    // one that ends it; 0: none yet
extern volatile sig_atomic_t signals_reopen; // SIGHUP, to a daemon

void signals_handle(bool is_daemon);

// In a child: they have their default effects again.
void signals_default(void);

#endif
